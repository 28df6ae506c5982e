"""The public names, their arguments, and what `import distconv` loads."""

import ast
import inspect
import os
import re
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import distconv
from distconv.laws.registry import FAMILIES

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
    *("Point", "Poisson", "PoissonBinomial", "Skellam", "Trials", "Uniform"),
    *("Bracket", "Distribution", "Origin", "Plan", "Recurrence", "Settings"),
    *("convolve", "from_scipy", "isclose", "joint", "plan", "plan_power", "power", "product", "settings", "sum_of"),
    *("power_logcdf", "power_logsf", "power_pmf"),
    *("total_variation", "wasserstein"),
    *("cornish_fisher", "edgeworth"),
    *("count_of", "explode", "kept", "most_alike", "reroll", "sum_of_draws"),
}

#: Every public function, class, method and property with its arguments, one a line; change it by hand. What stands
#: behind the star has a default and is named.
SIGNATURES = (Path(__file__).parent / "signatures.txt").read_text("utf-8").splitlines()
#: What the public modules offer beside the names of the package.
OF_MODULES = {
    "exact_tests": (
        *("binomial", "fisher", "kendall", "mcnemar", "permutation_of_means", "rank_sum", "signed_rank", "ExactTest"),
    ),
    "losses": ("Allocation", "Reinstatements", "allocation", "reinstatements"),
    "monoids": ("Monoid", "modulo", "symmetric"),
    "notation": ("NotationError", "limits", "read"),
    "plot": (
        *("animate_sliding", "plot", "plot_kernel_step", "plot_matrix", "plot_partitions", "plot_sliding", "plot_tail"),
        "plot_walk",
    ),
    "privacy": ("delta", "epsilon", "gaussian", "laplace", "loss"),
    "testing": (
        *("agreement", "assert_close", "assert_law", "assert_laws", "differences", "distributions", "families"),
        *("families_with_letters", "generic_law", "kernels", "law_suite", "laws", "laws_on", "mixtures", "monoids"),
        *("monoids_with_laws", "walks", "Evidence", "Report"),
    ),
}


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


def with_arguments(path, thing):
    """One line: the path, and the arguments of what is called, annotations left out."""
    if isinstance(thing, property):
        return path
    parameters = inspect.signature(thing).parameters.values()
    return path + str(inspect.Signature([p.replace(annotation=inspect.Parameter.empty) for p in parameters]))


@cache
def members(cls):
    """The lines of a class's own members, but for those that it has unchanged from another public class."""
    lines = []
    known = {line for base in cls.__mro__[1:] if base.__name__ in NAMES for line in members(base)}
    for member in sorted(dir(cls)):
        owner = next((base for base in cls.__mro__ if member in vars(base)), object)
        static = inspect.getattr_static(cls, member)
        thing = static if isinstance(static, property) else getattr(cls, member)
        if member.startswith("_") or not owner.__module__.startswith("distconv"):
            continue
        if isinstance(thing, property) or callable(thing):
            lines.append(with_arguments(member, thing))
    return [line for line in lines if line not in known]


def public_lines():
    for name in sorted(NAMES):
        thing = getattr(distconv, name)
        if inspect.isclass(thing) and issubclass(thing, BaseException):
            continue
        yield with_arguments(name, thing)
        if inspect.isclass(thing):
            yield from (f"{name}.{line}" for line in members(thing))
    for module, names in OF_MODULES.items():
        for name in names:
            thing = getattr(import_module(f"distconv.{module}"), name)
            yield with_arguments(f"{module}.{name}", thing)
            if inspect.isclass(thing) and not issubclass(thing, BaseException):
                yield from (f"{module}.{name}.{line}" for line in members(thing))


def test_all_public_callables_take_what_they_took():
    assert list(public_lines()) == SIGNATURES


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


LAWS = sorted([*FAMILIES, "Distribution", "Formula"])


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
    program = "from distconv import Poisson; print((Poisson(3) - Poisson(2)).family)"
    assert python(program).split() == ["Skellam"]
    program = "from distconv import Die; from distconv.laws import rules; print(len(rules.all_rules())); "
    alone, together = python(program + "from distconv import *; print(len(rules.all_rules()))").split()
    assert alone == together


def test_dice_stay_light():
    code = (
        "import sys; from distconv import Die; X = 10 @ Die(6) + Die(4); X.sf(30), X.ppf(0.5), repr(X), str(X);"
        "print(*sorted(sys.modules))"
    )
    loaded = python(code).split()
    assert "flint" in loaded
    assert not {"sympy", "matplotlib", "scipy.stats"} & set(loaded)
