"""The README runs: its Python is a doctest, its commands are there, its links lead somewhere."""

import doctest
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def test_the_python_of_the_readme_runs():
    parser, namespace, examples = doctest.DocTestParser(), {}, 0
    runner = doctest.DocTestRunner()
    for number, block in enumerate(blocks("python")):
        test = parser.get_doctest(block, namespace, f"README block {number + 1}", "README.md", 0)
        examples += len(test.examples)
        report = []
        runner.run(test, out=report.append, clear_globs=False)
        namespace = test.globs
        assert not report, "".join(report)
    assert examples >= 6


def test_the_two_commands_are_there():
    commands = [line for block in blocks("bash") for line in block.splitlines() if line.startswith("pip install -e")]
    assert len(commands) == 2
    first, second = commands
    assert "examples/ball_drops.py" in first
    assert "pytest" in second
    assert (ROOT / "examples" / "ball_drops.py").exists()


def test_the_first_screen():
    screen = "\n".join(README.splitlines()[:45])
    assert "```python" in screen
    assert "![" in screen
    for row in ("`X + X`", "`2 * X`", "`2 @ X`"):
        assert row in screen


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_links_lead_somewhere(target):
    assert (ROOT / target).exists()


def test_the_oldest_versions_tried_are_those_allowed():
    """Each lower bound of what distconv and its tests need is the version with which CI runs the tests."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    allowed = {line for line in (*project["dependencies"], *extras["plot"], *extras["test"]) if ">=" in line}
    lines = (ROOT / "tests" / "oldest.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line)
    bounds = dict(line.split(">=") for line in allowed)
    assert pinned.keys() == bounds.keys()
    for name, version in bounds.items():
        assert re.fullmatch(re.escape(version) + r"(\.0)*", pinned[name]), name
