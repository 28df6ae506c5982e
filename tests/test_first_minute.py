"""What a visitor types in the first minute: names from elsewhere, `in`, f-strings, settings without a block."""

import math
import pickle
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import distconv
from distconv import Die, DistconvTypeError, DistconvValueError, DistconvWarning, Distribution, Poisson, settings
from distconv.hints import WAYS
from distconv.ratio import LONGEST_REPR, LONGEST_STR, Ratio

D6 = Die(6)

# Names ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(WAYS))
def test_a_name_from_elsewhere_answers_with_the_right_one_which_works(name):
    with pytest.raises(AttributeError) as refused:
        getattr(D6, name)
    way = str(refused.value).partition("; write ")[2]
    assert way == WAYS[name]
    if "pandas" in way:
        pytest.importorskip("pandas")
    imported = {module: __import__(module) for module in ("distconv", "pandas", "pickle") if module in way}
    eval(way, {"X": D6, **imported})


def test_a_name_that_is_not_is_refused_as_anywhere():
    with pytest.raises(AttributeError, match="'Distribution' object has no attribute 'nonsense'"):
        D6.nonsense  # noqa: B018 - the attribute is what is tested
    assert not hasattr(D6, "_sympy_")


def test_no_hint_hides_a_name_that_is():
    assert not [name for name in WAYS if hasattr(Distribution, name)]


def test_public_modules_are_there_after_a_bare_import():
    program = (
        "import distconv, sys; before = set(sys.modules); "
        "assert not {'distconv.plot', 'distconv.testing', 'sympy', 'matplotlib'} & before; "
        "print(distconv.notation.read('2d6').pmf(7), distconv.testing.__name__, distconv.plot.plot_tail.__name__, "
        "distconv.monoids.add.name)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1/6", "distconv.testing", "plot_tail", "add"]


def test_the_library_lists_what_is_public():
    assert set(dir(distconv)) == {
        *distconv.__all__,
        "exact_tests",
        "losses",
        "monoids",
        "notation",
        "plot",
        "privacy",
        "testing",
        "__version__",
    }
    with pytest.raises(AttributeError, match="module 'distconv' has no attribute 'Dei'"):
        distconv.Dei  # noqa: B018 - the attribute is what is tested


def test_python_m_distconv_is_the_command_line():
    command = [sys.executable, "-m", "distconv", "2d6", "--at-least", "7"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "P(X >= 7) = 7/12" in done.stdout


# Half a mapping -------------------------------------------------------------------------------------------------------


def test_in_tests_outcomes():
    assert 3 in D6
    assert 7 not in D6
    assert 7 in D6 + D6
    assert 0.5 not in D6
    assert 10**6 in Poisson(3)
    assert -1 not in Poisson(3)
    assert (1, 2) in distconv.product(D6, D6)
    assert (1, 7) not in distconv.product(D6, D6)


def test_lengths_and_places_say_what_to_write():
    with pytest.raises(DistconvTypeError, match=r"len\(X.support\)"):
        len(D6)
    with pytest.raises(DistconvTypeError, match=r"X\.pmf\(3\)"):
        D6[3]
    assert np.array([D6, D6]).shape == (2,)
    assert list(D6) == list(D6.to_dict().items())


def test_an_infinite_law_is_not_collected_for_ever():
    for collect in (list, sorted, tuple, len):
        with pytest.raises(DistconvValueError, match=r"X\.support\[:10\]"):
            collect(Poisson(3))


CALLS = {
    "prob": lambda X, f: X.prob(f),
    "given": lambda X, f: X.given(f),
    "expect": lambda X, f: X.expect(f),
    "map": lambda X, f: X.map(f),
}


@pytest.mark.parametrize("X", [D6, Poisson(3)], ids=repr)
@pytest.mark.parametrize("value", [{1, 2}, [1, 2], 3, {k: -k for k in range(1, 7)}], ids=repr)
@pytest.mark.parametrize("call", CALLS)
def test_what_is_no_function_is_refused_with_a_function_that_works(call, value, X):
    with pytest.raises(DistconvTypeError, match=f"^{call} needs a function of the outcome") as refused:
        CALLS[call](X, value)
    way = str(refused.value).partition("; write ")[2]
    # Outcomes that a mapping does not name have no image.
    if X.is_finite or not isinstance(value, dict):
        eval(way, {"X": X})


# Exact numbers --------------------------------------------------------------------------------------------------------


@given(st.fractions(), st.integers(0, 12), st.sampled_from("f%"))
def test_a_ratio_is_rounded_as_decimals_are(value, places, kind):
    scale = 100 if kind == "%" else 1
    shown = format(Ratio(value), f".{places}{kind}").rstrip("%")
    assert Fraction(shown) == round(value * scale * 10**places) / Fraction(10**places)


@given(st.fractions(), st.integers(0, 8), st.sampled_from("eg"))
def test_a_ratio_is_shown_as_its_double_is(value, places, kind):
    assert float(format(Ratio(value), f".{places}{kind}")) == float(format(float(value), f".{places}{kind}"))


def test_answers_format_as_numbers_do():
    p = (2 @ D6).pmf(7)
    assert f"{p:.3f} {p:.1%} {p:.3e} {p:8.2f} {p} {100 * p:.2f} {1 - p:.3f}" == (
        "0.167 16.7% 1.667e-01     0.17 1/6 16.67 0.833"
    )
    X = D6 + D6
    for value in (X.cdf(3), X.sf(3), X.pmf(99), X.mean(), X.var(), X.prob(lambda x: x > 3), X.moment(3)):
        assert isinstance(value, Fraction)
        assert f"{value:.4f}" == f"{float(value):.4f}"
        assert repr(value) == f"Fraction({value.numerator}, {value.denominator})"


def test_long_fractions_are_shown_by_their_value():
    p = (10_000 @ D6).pmf(35_000)
    assert len(repr(p)) < 60
    assert float(repr(p).split()[1].rstrip(":")) == pytest.approx(float(p), rel=1e-11)
    assert str(p) == repr(p)
    assert f"{p:.4e}" == f"{float(p):.4e}"
    short = Ratio(10 ** (LONGEST_REPR - 1), 3)
    assert eval(repr(short), {"Fraction": Fraction}) == short
    long = Ratio(10 ** (LONGEST_STR - 1), 3)
    assert Fraction(str(long)) == long
    assert repr(long).startswith("<Fraction 3.33333333333e+3998: ")


def test_fractions_beyond_the_doubles_format_too():
    tiny = (10_000 @ D6).pmf(10_000)
    assert f"{tiny:.3e}" == "3.072e-7782"
    assert f"{tiny:.3g}" == "3.07e-7782"
    assert math.isclose(float(f"{tiny:.6e}".partition("e")[0]), 10 ** (tiny.log() / math.log(10) % 1), rel_tol=1e-6)


def test_numpy_takes_exact_answers():
    assert np.allclose(np.log(D6.sf([1, 2])).astype(float), np.log([5 / 6, 4 / 6]), rtol=1e-15)
    assert np.sqrt((D6 + D6).var()) == pytest.approx((D6 + D6).std(), rel=1e-15)
    assert np.exp(D6.pmf(1)) == pytest.approx(math.exp(1 / 6), rel=1e-15)
    assert np.log((10_000 @ D6).pmf(10_000)) == pytest.approx(-10_000 * math.log(6), rel=1e-15)
    assert Ratio(0, 1).log() == -math.inf
    assert math.isnan(Ratio(-1, 2).log())
    assert Ratio(10**17 + 1, 10**17).log() == pytest.approx(1e-17, rel=1e-14)


def test_a_ratio_is_a_fraction_that_stays_one():
    p = D6.pmf(1)
    for value in (p, 1 - p, p * 2, p / 3, -p, abs(p), p**2, Fraction(1, 2) + p, 1 / p, p % Fraction(1, 10)):
        assert type(value) is Ratio
    assert isinstance(p + 0.5, float)
    assert p == Fraction(1, 6)
    assert hash(p) == hash(Fraction(1, 6))
    assert pickle.loads(pickle.dumps(p)) == p
    assert type(pickle.loads(pickle.dumps(p))) is Ratio


# Settings -------------------------------------------------------------------------------------------------------------


def test_settings_without_a_block_say_that_nothing_changed():
    with pytest.warns(DistconvWarning, match=r"changed nothing.*with distconv\.settings\(max_bytes=10\): \.\.\."):
        distconv.settings(max_bytes=10)
    with pytest.raises(DistconvValueError, match="tolerance"):
        distconv.settings(tolerance=0)


def test_settings_tell_what_is_in_force():
    with settings() as now:
        assert now.tolerance == 1e-10
    with settings(tolerance=1e-6), settings(max_bytes=1000) as now:
        assert (now.tolerance, now.max_bytes) == (1e-6, 1000)
    assert "tolerance=1e-10" in repr(settings())


def test_settings_decorate_functions():
    @settings(exact_limit=0)
    def kind():
        return (D6 + D6).kind

    assert [kind(), kind(), (D6 + D6).kind] == ["float", "float", "exact"]


def test_settings_are_entered_once_at_a_time():
    block = settings(exact_limit=0)
    with block, pytest.raises(distconv.DistconvError, match="in force already"):
        block.__enter__()
    with block:
        assert (D6 + D6).kind == "float"
    assert (D6 + D6).kind == "exact"


def test_formats_without_decimals_show_what_a_float_shows():
    p = D6.pmf(1)
    for spec in ("f", "%", "e", "g", ".3", "+f", "012.4f", ",.2f"):
        assert format(p, spec) == format(float(p), spec)
    assert [format(p, spec) for spec in ("8", "<8", ">8")] == ["     1/6", "1/6     ", "     1/6"]
    assert f"{p * 0:%}" == "0.000000%"


def test_powers_and_roots_of_ratios():
    half = D6.cdf(3)
    for base in (2, 2.0, Fraction(2), Ratio(1, 3), half):
        assert base**half == pytest.approx(math.sqrt(base), rel=1e-15)
    assert Ratio(10**400, 1).sqrt() == pytest.approx(1e200, rel=1e-15)
    assert Ratio(1, 10**400).sqrt() == pytest.approx(1e-200, rel=1e-15)
