"""The reference shows every public name, and nothing else."""

import inspect
import re
from pathlib import Path

import pytest

import distconv
from distconv import Distribution

PAGES = sorted((Path(__file__).parents[1] / "docs" / "reference").glob("*.md"))
#: Directives of a page: ``.. autoclass:: distconv.Walk``, with its options on the lines below.
DIRECTIVE = re.compile(r"^\.\. auto(\w+):: (\S+)((?:\n   :.*)*)", re.MULTILINE)
SHOWN = {name: (kind, options) for page in PAGES for kind, name, options in DIRECTIVE.findall(page.read_text("utf-8"))}


def public(cls):
    return {name for name in dir(cls) if not name.startswith("_")}


@pytest.mark.parametrize("name", sorted(public(Distribution)))
def test_every_method_of_a_law_is_shown_and_says_what_it_gives(name):
    assert f"distconv.Distribution.{name}" in SHOWN
    assert inspect.getdoc(getattr(Distribution, name))


@pytest.mark.parametrize("name", distconv.__all__)
def test_every_public_name_is_shown(name):
    assert f"distconv.{name}" in SHOWN
    kind, options = SHOWN[f"distconv.{name}"]
    found = getattr(distconv, name)
    if inspect.isclass(found) and not issubclass(found, Distribution | Exception):
        assert kind == "class"
        assert ":members:" in options


def test_nothing_is_shown_that_is_not_public():
    for name in SHOWN:
        if name.count(".") == 2 and name.startswith("distconv.Distribution."):
            assert name.rpartition(".")[2] in public(Distribution)


def test_every_page_is_linked():
    index = (PAGES[0].parent / "index.md").read_text("utf-8")
    assert all(f"({page.name})" in index for page in PAGES if page.stem != "index")
