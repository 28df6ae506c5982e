"""Sphinx configuration."""

import warnings
from pathlib import Path

from docutils.nodes import SkipNode
from latex2mathml.converter import convert
from sphinx_gallery.sorting import FileNameSortKey

import distconv

project = "distconv"
author = "the distconv developers"
copyright = "2026, the distconv developers"
version = release = distconv.__version__

extensions = [
    "matplotlib.sphinxext.plot_directive",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.doctest",
    "sphinx.ext.napoleon",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "tutorial/GALLERY_HEADER.rst", "tutorial/*.py"]
# The gallery's configuration holds a function, which is no reason to distrust the cache.
suppress_warnings = ["config.cache"]
html_theme = "furo"
html_title = "distconv"
# Excerpts are fetched, which browsers forbid on pages opened from disk.
html_show_search_summary = False

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3

# Single backticks in docstrings are code.
default_role = "literal"
autodoc_member_order = "bysource"
# Docstrings say what arguments are; the signatures stay short.
autodoc_typehints = "none"
napoleon_google_docstring = True
napoleon_numpy_docstring = False

# Pictures of how-to pages are drawn while the site is built, by the code that stands above them.
plot_include_source = True
plot_html_show_source_link = False
plot_html_show_formats = False
plot_formats = ["png"]

nitpicky = True
# Objects documented elsewhere: the build needs no network, so it cannot look them up.
nitpick_ignore_regex = [
    (r"py:.*", r"(collections|contextlib|contextvars|dataclasses|decimal|fractions|numbers|typing)(\..*)?"),
    (r"py:.*", r"(flint|matplotlib|np|numpy|pandas|scipy|sympy)(\..*)?"),
    # The names of types that are imported for type checkers alone.
    (r"py:class", r"(Accuracy|Number)"),
    (r"py:(class|exc)", r"(ArithmeticError|Exception|TypeError|ValueError|ZeroDivisionError|object)"),
]


#: The folder that the site is built into, once the builder knows it.
site = []


def slider_pages(block, block_vars, gallery_conf):
    """Moves the animations that a step of the tutorial has saved to the site, and shows them in frames."""
    source = Path(block_vars["src_file"]).parent
    frames = []
    for page in sorted(source.glob("*.html")):
        target = Path(site[0]) / "_static" / page.name
        target.parent.mkdir(parents=True, exist_ok=True)
        page.replace(target)
        frames.append(
            f".. raw:: html\n\n    <iframe class='slider' src='../_static/{page.name}' title='{page.stem}' "
            "width='100%' height='600' style='border: 0'></iframe>\n"
        )
    return "\n".join(frames)


sphinx_gallery_conf = {
    "examples_dirs": ["tutorial"],
    "gallery_dirs": ["understanding"],
    "filename_pattern": r"/\d\d_",
    "within_subsection_order": FileNameSortKey,
    "image_scrapers": ("matplotlib", slider_pages),
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1e9,
    "abort_on_example_error": True,
    "matplotlib_animations": False,
}
# Pictures are saved, not shown: the tutorial's plt.show() is for those who paste it.
warnings.filterwarnings("ignore", message=".*is non-interactive, and thus cannot be shown")


def inline_math(translator, node):
    """A formula within a line as MathML, which browsers draw without scripts."""
    translator.body.append(convert(node.astext()))
    raise SkipNode


def display_math(translator, node):
    """A formula on lines of its own."""
    translator.body.append(convert(node.astext(), display="block"))
    raise SkipNode


def setup(app):
    """The renderer of formulas, and where the gallery puts animations."""
    app.add_html_math_renderer("mathml", (inline_math, None), (display_math, None))
    app.connect("builder-inited", lambda app: site.append(app.outdir), priority=1)


html_math_renderer = "mathml"
