"""Sphinx configuration."""

import distconv

project = "distconv"
author = "the distconv developers"
copyright = "2026, the distconv developers"
version = release = distconv.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.doctest",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "distconv"

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3

# Single backticks in docstrings are code.
default_role = "literal"
autodoc_member_order = "bysource"
# Docstrings say what arguments are; the signatures stay short.
autodoc_typehints = "none"
napoleon_google_docstring = True
napoleon_numpy_docstring = False

nitpicky = True
# Objects documented elsewhere: the build needs no network, so it cannot look them up.
nitpick_ignore_regex = [
    (r"py:.*", r"(collections|contextlib|contextvars|dataclasses|decimal|fractions|numbers|typing)(\..*)?"),
    (r"py:.*", r"(flint|matplotlib|np|numpy|pandas|scipy|sympy)(\..*)?"),
    (r"py:(class|exc)", r"(ArithmeticError|Exception|TypeError|ValueError|ZeroDivisionError|object)"),
]
