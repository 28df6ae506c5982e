"""What a law with letters answers beyond numbers: substitution, functions of its letters, derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv import bounds
from distconv.construction import from_vectors, read_weight
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.measure import Measure
from distconv.measure.arranging import arranged_vectors
from distconv.missing import shortfall
from distconv.numbers.letters import is_expression
from distconv.numbers.limits import limit_of
from distconv.queries.arrays import number_array
from distconv.support.outcomes import as_outcome
from distconv.typing import Answer, AnyArray
from distconv.value import Value, write
from distconv.weights import Weights
from distconv.weights.floating import from_doubles
from distconv.weights.quotients import factored
from distconv.weights.rational import fraction
from distconv.weights.substitution import evaluated
from distconv.weights.symbolic import from_expressions, with_letters

if TYPE_CHECKING:
    import sympy

#: The queries whose derivatives `Sensitivity` gives.
QUERIES = (
    "pmf", "logpmf", "cdf", "logcdf", "sf", "logsf", "mean", "var", "std", "skewness", "kurtosis", "moment", "cumulant",
    "entropy", "expect", "prob", "pgf", "cf", "cov",
)  # fmt: skip


def read_values(values: Mapping[Any, Any], known: Collection[Any]) -> dict[Any, Any]:
    """The values of a substitution by symbol: expressions of sympy's, or fractions and floats, as they were given.

    Raises:
        DistconvTypeError: not a mapping.
        DistconvValueError: a letter that does not occur.
    """
    if not isinstance(values, Mapping):
        raise DistconvTypeError(
            f"subs needs a mapping from letters to values, got {values!r}; write X.subs({{p: '1/3'}})"
        )
    result = {}
    for key, value in values.items():
        symbol = read_letter(key, known)
        if is_expression(value) and not value.is_Float:
            result[symbol] = value
        else:
            number = read_weight(value, (0,)) if not isinstance(value, float | np.floating) else float(value)
            result[symbol] = number if isinstance(number, float) else Fraction(number)
    return result


def _is_exact_number(value: Any) -> bool:
    """Whether a value is a number of sympy's that is no float: an answer in such numbers is asked for."""
    return is_expression(value) and not value.is_Float


def read_letter(letter: Any, known: Collection[Any]) -> Any:
    """The letter that a symbol, or its name, stands for.

    Raises:
        DistconvValueError: it does not occur.
    """
    names = {str(s): s for s in known}
    symbol = names.get(letter) if isinstance(letter, str) else letter
    if symbol in known:
        return symbol
    letters = ", ".join(sorted(names)) or "none"
    other = f"; {letter} there was made with other assumptions, so name it: '{letter}'" if str(letter) in names else ""
    raise DistconvValueError(f"there is no letter {letter} in this law; its letters are: {letters}{other}")


def letters_of(measure: Measure) -> frozenset[Any]:
    """The free symbols of the weights."""
    return measure.weights.letters


def assumptions_of(measure: Measure) -> tuple[Any, ...]:
    """The conditions on letters under which all weights are probabilities, sorted."""
    return tuple(sorted(with_letters(measure.weights).assumptions, key=str))


def substituted(measure: Measure, values: Mapping[Any, Any]) -> Measure:
    """The measure with numbers or expressions in place of letters.

    Raises:
        DistconvValueError: a letter that does not occur, a weight that becomes negative, or a total that is not 1.
    """
    weights = with_letters(measure.weights)
    given = read_values(values, weights.letters)
    found = evaluated(weights, given, exact=any(map(_is_exact_number, values.values())))
    vectors = list(measure.support.vectors())
    shown = ", ".join(f"{k} = {v}" for k, v in given.items())
    if isinstance(found, list) and measure.missing:
        partial = from_expressions(found, weights.assumptions).settled()
        return arranged_vectors(vectors, partial, shortfall(partial))
    if isinstance(found, list):
        try:
            return from_vectors(vectors, found)
        except DistconvValueError as error:
            raise DistconvValueError(f"at {shown}: {error}") from None
    if isinstance(found, tuple):
        pairs, bound = found
        for vector, (significand, exponent) in zip(vectors, pairs, strict=True):
            if significand < 0:
                raise _negative(vector, f"{significand:.6g} x 2**{exponent}", shown)
        doubles = from_doubles(pairs, max(bound, bounds.UNIT))
        rest = 1 - math.fsum(doubles.values()) * (1 - doubles.error) + bounds.UNIT
        return arranged_vectors(vectors, doubles, min(measure.missing, max(rest, 0.0)))
    for vector, numerator in zip(vectors, found.integers(), strict=True):
        if numerator < 0:
            raise _negative(vector, fraction(numerator, found.denominator), shown)
    return arranged_vectors(vectors, found, min(measure.missing, shortfall(found)))


def _negative(vector: Any, value: Any, shown: str) -> DistconvValueError:
    return DistconvValueError(
        f"at {shown} the probability of outcome {as_outcome(vector)} is {value}, which is negative; "
        "X.assumptions tells which values are allowed"
    )


def limited(measure: Measure, letter: sympy.Symbol, point: sympy.Expr) -> Measure:
    """The measure of the limits of the weights as a letter goes to a point: of finitely many outcomes none escapes.

    Raises:
        DistconvValueError: the limit of a weight was not found.
    """
    found = []
    for rank, vector in enumerate(measure.support.vectors()):
        weight = measure.weights.at(rank)
        value = limit_of(weight, letter, point)
        if value is None or value.is_infinite:
            raise DistconvValueError(
                f"no limit of P(X = {as_outcome(vector)}) = {weight} as {letter} -> {point} was found"
            )
        found.append((vector, value))
    return from_vectors([v for v, _ in found], [w for _, w in found])


def arguments_of(names: tuple[sympy.Symbol | str, ...], known: Collection[sympy.Symbol]) -> list[sympy.Symbol]:
    """The symbols that letters, or their names, stand for: the arguments of a function of all letters of a law.

    Raises:
        DistconvTypeError: the law has no letters.
        DistconvValueError: a letter of the law is no argument.
    """
    if not known:
        raise DistconvTypeError("lambdify is for laws with letters; this one has numbers only")
    by_name = {str(s): s for s in known}
    symbols = [by_name.get(s, s) if isinstance(s, str) else s for s in names]
    left = sorted(str(s) for s in known if s not in symbols)
    if left:
        raise DistconvValueError(
            f"lambdify needs all letters as arguments, {', '.join(left)} is missing: "
            f"X.lambdify({', '.join(repr(name) for name in sorted(by_name))})"
        )
    return symbols


def function_of(
    given: Weights, known: Collection[sympy.Symbol], letters: tuple[sympy.Symbol | str, ...]
) -> Callable[..., AnyArray]:
    """A vectorised function of known letters: all weights but zeros, along a last axis added to its arguments'.

    Raises:
        DistconvTypeError: there are no letters.
        DistconvValueError: a letter is no argument.
    """
    import sympy

    symbols = arguments_of(letters, known)
    weights = with_letters(given)
    factors = [factored(n, weights.denominator, weights.field) for n in weights.numerators if n != 0]
    plain = sympy.lambdify(symbols, factors, modules="numpy", cse=True)
    call = f"f({', '.join(map(str, symbols))})"

    def weights_at(*values: Any) -> AnyArray:
        if len(values) != len(symbols):
            raise DistconvTypeError(f"this function takes a value of each letter, {call}; got {len(values)} arguments")
        arrays = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in values))
        shape = arrays[0].shape if arrays else ()
        return np.stack([np.broadcast_to(np.asarray(w, dtype=np.float64), shape) for w in plain(*arrays)], axis=-1)

    weights_at.__doc__ = f"The probabilities of {len(factors)} outcomes in doubles, {call}: along a last axis."
    return weights_at


class Sensitivity(Value):
    """The derivatives of a law's answers by a letter: ``X.diff(p).mean()`` is d mean / d p.

    Every query of the law that answers with an expression is there under its name.

    Args:
        law: what answers the queries.
        letter: the symbol, or its name.

    Raises:
        DistconvValueError: the letter does not occur in the law, so that all derivatives would be 0.
    """

    __slots__ = ("_law", "_symbol")
    _anew = "X.diff(p)"

    def __init__(self, law: Any, letter: Any) -> None:
        write(self, "_law", law)
        write(self, "_symbol", read_letter(letter, law.letters))

    def __reduce__(self) -> Any:
        return Sensitivity, (self._law, self._symbol)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in QUERIES:
            raise AttributeError(f"a derivative has no {name!r}; there are {', '.join(QUERIES)}")
        query = getattr(self._law, name)

        def derivative(*args: Any, **options: Any) -> Any:
            return _differentiated(query(*args, **options), self._symbol)

        return derivative

    def __dir__(self) -> list[str]:
        return sorted(QUERIES)

    def __repr__(self) -> str:
        return f"d/d{self._symbol} of {self._law!r}"


def _differentiated(value: Any, symbol: Any) -> Any:
    """The derivative of an answer: a number, an expression, or an array of them."""
    import sympy

    if isinstance(value, np.ndarray):
        result = np.empty(value.shape, dtype=object)
        for index in np.ndindex(value.shape):
            result[index] = _differentiated(value[index], symbol)
        return result
    return sympy.diff(sympy.sympify(value), symbol)


def elementwise(function: Callable[[Any], Any], value: Answer) -> Answer:
    """A function of an answer, or of every entry of an array of answers."""
    if not isinstance(value, np.ndarray):
        return function(value)
    return number_array([function(v) for v in value.ravel()], value.shape)
