"""The public names, their arguments, and what `import distconv` loads."""

import ast
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import distconv
from distconv import Distribution

#: Names may be added here, by hand; taking one away breaks callers.
NAMES = {
    "from_sympy",
    "latex",
    "Formula",
    "Density",
    *(
        "Walk",
        "highest",
        "lowest",
        "maximum",
        "minimum",
        "order_statistic",
        "distances_to_uniform",
        "Kernel",
        "deconvolve",
        "root",
        "compound",
        "plan_compound",
        "mixture",
        "posterior",
    ),
    *("AccuracyError", "DimensionError", "DistconvError", "DistconvTypeError", "DistconvValueError"),
    *("DistconvWarning", "SizeLimitError"),
    *("Bernoulli", "Binomial", "Die", "Geometric", "Hypergeometric", "Logarithmic", "Multinomial", "NegativeBinomial"),
    *("Point", "Poisson", "PoissonBinomial", "Skellam", "Uniform"),
    *("Distribution", "Plan", "Settings"),
    *("convolve", "from_scipy", "isclose", "plan", "plan_power", "power", "product", "settings", "sum_of"),
    *("power_logcdf", "power_logsf"),
    *("total_variation", "wasserstein"),
}

#: Functions and methods with their arguments; what stands behind the star has a default and is named.
SIGNATURES = {
    "Distribution": "(mapping, *, normalize=False, missing=0, step=None)",
    "Distribution.from_arrays": "(outcomes, weights, *, normalize=False, missing=0, step=None)",
    "Distribution.from_array": "(weights, *, origin=0, step=1, normalize=False, missing=0)",
    "Distribution.from_counts": "(counts, *, step=None)",
    "Distribution.from_samples": "(data, *, step=None)",
    "Distribution.from_scipy": "(frozen, *, tail=1e-15, step=None, rounding='nearest')",
    "Distribution.to_exact": "(self, *, normalize=False)",
    "Distribution.to_float": "(self)",
    "Distribution.to_dict": "(self)",
    "Distribution.to_arrays": "(self)",
    "Distribution.to_scipy": "(self)",
    "Distribution.pmf": "(self, x)",
    "Distribution.logpmf": "(self, x)",
    "Distribution.cdf": "(self, x)",
    "Distribution.logcdf": "(self, x)",
    "Distribution.sf": "(self, x)",
    "Distribution.logsf": "(self, x)",
    "Distribution.cdf_bounds": "(self, x)",
    "Distribution.sf_bounds": "(self, x)",
    "Distribution.ppf_bounds": "(self, q)",
    "Distribution.without_missing": "(self)",
    "Distribution.ppf": "(self, q)",
    "Distribution.isf": "(self, q)",
    "Distribution.median": "(self)",
    "Distribution.interval": "(self, confidence)",
    "Distribution.mode": "(self)",
    "Distribution.mean": "(self)",
    "Distribution.var": "(self)",
    "Distribution.std": "(self)",
    "Distribution.skewness": "(self)",
    "Distribution.kurtosis": "(self)",
    "Distribution.moment": "(self, k)",
    "Distribution.cumulant": "(self, k)",
    "Distribution.cov": "(self)",
    "Distribution.entropy": "(self, base=None)",
    "Distribution.expect": "(self, f)",
    "Distribution.prob": "(self, predicate)",
    "Distribution.rvs": "(self, size=None, rng=None)",
    "Distribution.pgf": "(self, z)",
    "Distribution.cf": "(self, t)",
    "Distribution.map": "(self, f)",
    "Distribution.marginal": "(self, *axes)",
    "Distribution.given": "(self, predicate)",
    "Distribution.clip": "(self, low=None, high=None)",
    "Distribution.how": "(self)",
    "Distribution.plot": "(self, ax=None, **options)",
    "Bernoulli": "(p)",
    "Binomial": "(n, p)",
    "Die": "(sides)",
    "Geometric": "(p)",
    "Hypergeometric": "(M, n, N)",
    "Logarithmic": "(p)",
    "Multinomial": "(n, ps, *, normalize=False)",
    "NegativeBinomial": "(r, p)",
    "Point": "(x)",
    "Poisson": "(lam)",
    "PoissonBinomial": "(ps)",
    "Skellam": "(mu1, mu2)",
    "Uniform": "(low, high)",
    "convolve": "(X, Y, *, monoid=Monoid(add), method='auto')",
    "from_scipy": "(frozen, *, tail=1e-15, step=None, rounding='nearest')",
    "isclose": "(X, Y, *, rtol=1e-09)",
    "plan": "(X, Y, *, method='auto')",
    "plan_power": "(X, n)",
    "power": "(X, n, *, monoid=Monoid(add), method='auto')",
    "power_logcdf": "(X, n, x)",
    "power_logsf": "(X, n, x)",
    "product": "(X, Y)",
    "settings": "(*, tolerance=None, accuracy=None, exact_limit=None, max_bytes=None, warn_seconds=None)",
    "sum_of": "(terms, *, executor=None, progress=False)",
    "total_variation": "(X, Y)",
    "wasserstein": "(X, Y)",
}

PROPERTIES = ("support", "ndim", "shape", "is_exact", "kind", "error", "missing")


def named(path):
    found = distconv
    for name in path.split("."):
        found = getattr(found, name)
    return found


def test_the_public_names():
    assert set(distconv.__all__) == NAMES
    assert distconv.__all__ == sorted(distconv.__all__)
    for name in distconv.__all__:
        assert hasattr(distconv, name)


def test_star_import_gives_them():
    namespace = {}
    exec("from distconv import *", namespace)
    assert set(namespace) - {"__builtins__"} == NAMES


def test_the_version():
    assert re.fullmatch(r"\d+\.\d+\.\d+", distconv.__version__)


def test_the_package_is_typed():
    assert (Path(distconv.__file__).parent / "py.typed").exists()


@pytest.mark.parametrize("path", SIGNATURES)
def test_signatures(path):
    parameters = inspect.signature(named(path)).parameters.values()
    bare = inspect.Signature([p.replace(annotation=inspect.Parameter.empty) for p in parameters])
    assert str(bare) == SIGNATURES[path]


@pytest.mark.parametrize("name", PROPERTIES)
def test_properties(name):
    assert isinstance(inspect.getattr_static(Distribution, name), property)


def public_things():
    for name in sorted(NAMES):
        thing = getattr(distconv, name)
        yield name, thing
        if inspect.isclass(thing):
            for attribute in dir(thing):
                value = inspect.getattr_static(thing, attribute)
                ours = any(
                    attribute in base.__dict__ and base.__module__.startswith("distconv") for base in thing.__mro__
                )
                if (
                    not attribute.startswith("_")
                    and ours
                    and (callable(value) or isinstance(value, property | classmethod))
                ):
                    yield f"{name}.{attribute}", value


@pytest.mark.parametrize(("name", "thing"), [pytest.param(n, t, id=n) for n, t in public_things()])
def test_everything_public_says_what_it_gives(name, thing):
    text = inspect.getdoc(thing)
    assert text, f"{name} has no docstring"
    first = text.split("\n\n")[0]
    assert first.endswith((".", ":", "...", "`")), first
    assert len(first) >= 10


LAWS = sorted(
    name
    for name in NAMES
    if inspect.isclass(getattr(distconv, name)) and issubclass(getattr(distconv, name), Distribution)
)


@pytest.mark.parametrize("name", [*LAWS, "convolve", "plan", "product", "settings", "sum_of"])
def test_what_is_asked_first_shows_an_example(name):
    assert ">>> " in inspect.getdoc(getattr(distconv, name))


def test_laws_are_slim_and_closed():
    X = distconv.Die(6)
    with pytest.raises(AttributeError):
        X.colour = "red"
    assert not hasattr(X, "__dict__")


def python(code):
    """What a fresh interpreter prints."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPATH"] = str(Path(distconv.__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


HEAVY = ("sympy", "matplotlib", "scipy", "scipy.stats", "scipy.fft", "pandas", "distconv.plot", "distconv.interop")


def test_import_is_light():
    loaded = python("import sys; from distconv import *; print(*sorted(sys.modules))").split()
    assert "distconv.walk" in loaded
    assert not set(HEAVY) & set(loaded)


def test_rooms_are_loaded_when_they_are_named():
    loaded = python("import sys, distconv; print(*sorted(sys.modules))").split()
    assert "distconv" in loaded
    assert not {"numpy", "distconv.distribution"} & set(loaded)


def test_what_checkers_see_is_what_is_loaded():
    """The imports for type checkers name the rooms that names are loaded from."""
    tree = ast.parse(Path(distconv.__file__).read_text("utf-8"))
    block = next(n for n in tree.body if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING")
    imports = [n for n in block.body if isinstance(n, ast.ImportFrom)]
    seen = {n.module.partition(".")[2]: tuple(a.name for a in n.names) for n in imports if n.module != "distconv"}
    assert seen == distconv.ROOMS


def test_no_rule_depends_on_what_a_program_has_named():
    """A Poisson less a Poisson is a Skellam, also where nobody has named Skellam."""
    program = "from distconv import Poisson; print(type(Poisson(3) - Poisson(2)).__name__)"
    assert python(program).split() == ["Skellam"]
    program = "from distconv import Die; from distconv import closed_forms as c; print(len(c._rules)); "
    alone, together = python(program + "from distconv import *; print(len([p for p in c._rules]))").split()
    assert alone == together


def test_dice_stay_light():
    code = (
        "import sys; from distconv import Die; X = 10 @ Die(6) + Die(4); X.sf(30), X.ppf(0.5), repr(X), str(X);"
        "print(*sorted(sys.modules))"
    )
    loaded = python(code).split()
    assert "flint" in loaded
    assert not {"sympy", "matplotlib", "scipy.stats"} & set(loaded)
