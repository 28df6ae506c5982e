"""The built documentation in a browser: it opens from disk, its pictures load, the slider moves, nothing complains.

Builds no site: set DISTCONV_SITE to the folder of a built one (`sphinx-build docs docs/_build/html` puts it where it is
looked for without). Needs playwright, and Chromium on the path.
"""

import os
import shutil
from pathlib import Path

import pytest

SITE = Path(os.environ.get("DISTCONV_SITE", Path(__file__).parents[1] / "docs" / "_build" / "html"))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PAGES = (
    "index",
    "understanding/index",
    "reference/index",
    "reference/distribution",
    "explanation/axes",
    "how-to/index",
)
STEPS = (
    "01_two_drops",
    "02_sliding",
    "03_sound_and_images",
    "04_layers",
    "05_fast",
    "06_other_operations",
    "07_exact_answers",
    "08_why_may_i_regroup",
)


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    if not (SITE / "index.html").exists():
        pytest.skip(f"no built site in {SITE}")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*quiet, "--disable-sync"])
        yield started
        started.close()


@pytest.fixture
def page(browser):
    opened = browser.new_page()
    complaints = []
    opened.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    opened.on("pageerror", lambda e: complaints.append(str(e)))
    opened.on("requestfailed", lambda r: complaints.append(f"not loaded: {r.url}"))
    yield opened
    opened.close()
    assert complaints == []


def visit(page, name):
    page.goto((SITE / f"{name}.html").as_uri())
    broken = page.evaluate("[...document.images].filter(i => i.complete && i.naturalWidth === 0).map(i => i.src)")
    assert broken == []


@pytest.mark.parametrize("name", [*PAGES, *(f"understanding/{step}" for step in STEPS)])
def test_a_page_opens_from_disk(page, name):
    visit(page, name)
    assert page.locator("h1").count() == 1
    assert page.get_by_text("distconv").count()
    if "/0" in name:
        assert page.locator(".sphx-glr-single-img, .sphx-glr-multi-img").count() >= 2
        page.wait_for_function("[...document.images].every(i => i.complete && i.naturalWidth > 0)")


def test_formulas_are_drawn_without_scripts(page):
    visit(page, "understanding/01_two_drops")
    assert page.locator("math").count() >= 2
    assert page.locator("math").first.bounding_box()["height"] > 10


@pytest.mark.parametrize("name", ["two_boxes", "two_lattices"])
def test_the_slider_moves(page, name):
    visit(page, "understanding/02_sliding")
    frame = page.frame_locator(f"iframe[title={name}]")
    slider, picture, answer = frame.locator("#total"), frame.locator("#frame"), frame.locator("#answer")
    before, said = picture.get_attribute("src"), answer.inner_text()
    slider.focus()
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    assert picture.get_attribute("src") != before
    assert answer.inner_text() != said
    assert picture.evaluate("i => i.decode().then(() => i.naturalWidth)") > 300
    frame.locator("#play").click()
    moved = slider.input_value()
    page.wait_for_timeout(500)
    assert slider.input_value() != moved
    frame.locator("#play").click()


def test_the_search_finds_a_name(page):
    page.goto((SITE / "search.html").as_uri() + "?q=given_sum")
    page.wait_for_selector("ul.search li a")
    assert any("given_sum" in text for text in page.locator("ul.search li").all_inner_texts())
