"""Every example in a docstring of the package runs and gives what it says."""

import doctest
import importlib
import pkgutil

import pytest

import distconv


def module_names():
    yield distconv.__name__
    for module in pkgutil.walk_packages(distconv.__path__, "distconv."):
        if not module.name.endswith("__main__"):
            yield module.name


@pytest.mark.parametrize("name", sorted(module_names()))
def test_the_examples_of_a_module(name):
    if name.startswith("distconv.plot"):
        pytest.importorskip("matplotlib")
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    report = []
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, name):
        runner.run(test, out=report.append)
    assert not report, "".join(report)


def test_there_are_examples():
    finder = doctest.DocTestFinder()
    count = sum(len(t.examples) for name in module_names() for t in finder.find(importlib.import_module(name), name))
    assert count >= 40
