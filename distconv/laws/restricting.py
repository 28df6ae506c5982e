"""Parts of laws: some coordinates, what lies between two corners, what is known once something happened; images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from distconv import bounds, convolution
from distconv.coordinates import read_vectors
from distconv.errors import DistconvTypeError
from distconv.laws import limited, rules
from distconv.laws.finite import Finite
from distconv.laws.floated import Floated
from distconv.laws.law import Law
from distconv.laws.ordering import compared, holds, line_of
from distconv.laws.spanned import framed, spanned
from distconv.measure import Measure
from distconv.measure.arranging import arranged_vectors
from distconv.measure.lookup import outcomes_of, positive_vectors
from distconv.number_format import rounded_up, shown
from distconv.numbers.letters import number_of
from distconv.planning import Origin
from distconv.queries.interval import interval_of
from distconv.support.frame import Frame, read_frame
from distconv.support.outcomes import NotRationalError, as_outcome, as_vector, whole
from distconv.transforms import conditioning, images, monoidal
from distconv.typing import Expressed, Outcome, Vector
from distconv.weights.symbolic import from_rational


def given(law: Law, predicate: Callable[[Any], object]) -> Law:
    """The law of X, known that predicate(X) holds."""
    spelled = law.spelled()
    if spelled is not None:
        base, frame = spelled
        return spanned(given(base, lambda v: holds(predicate, frame.outcome(as_vector(v)))), frame)
    known = rules.apply("given", law, predicate)
    if known is not None:
        return known
    window = law.window_of(predicate)
    corners = _interval_in(window, predicate) if _makes_windows(law) and law.is_exact else None
    if corners is not None:
        return truncated(law, *corners)
    found, chance = conditioning.given(window, predicate)
    return of_window(law, found, _story(chance))


def _interval_in(window: Measure, predicate: Callable[[Any], object]) -> tuple[Vector | None, Vector | None] | None:
    """The corners of the interval that a predicate says it is, and is in a window; None of other predicates."""
    try:
        low, high = interval_of(predicate, "")
    except DistconvTypeError:
        return None
    if low > high or any(bool(predicate(x)) is not bool(low <= x <= high) for x in outcomes_of(window)):
        return None
    first, last = ((whole(number_of(end)),) if end.is_finite else None for end in (low, high))
    return first, last


def truncated(law: Law, low: Vector | None, high: Vector | None) -> Law:
    """The law of X, known that it lies between two corners; None leaves an end open."""
    if law.spelled() is not None:
        return _on_line(law, truncated, low, high)
    own = rules.apply("truncate", law, *conditioning.ends(low, high)) if law.ndim == 1 else None
    if own is None:
        own = law.each_member(lambda one, a, b: truncated(one, _part(low, a, b), _part(high, a, b)))
    if own is None and _makes_windows(law):
        own = limited.truncated(law, *conditioning.ends(low, high))
    if own is not None:
        return own
    found, chance = conditioning.within(law.between(low, high), low, high)
    return Finite(found, Origin("given", _story(chance)))


def clipped(law: Law, low: Vector | None, high: Vector | None) -> Law:
    """The law of min(max(X, low), high), coordinate by coordinate; None leaves an end open."""
    if law.spelled() is not None:
        return mapped(law, _clamp(low, high)) if law.is_finite else _on_line(law, clipped, low, high)
    own = rules.apply("clip", law, *conditioning.ends(low, high)) if law.ndim == 1 else None
    if own is None:
        own = law.each_member(lambda one, a, b: clipped(one, _part(low, a, b), _part(high, a, b)))
    if own is None and _makes_windows(law):
        own = limited.clipped(law, *conditioning.ends(low, high))
    return Finite(images.clipped(law.measure, low, high)) if own is None else own


def mapped(law: Law, f: Callable[[Any], Any]) -> Law:
    """The law of f(X), of fractions where all images are; of a law without end, of the outcomes of a window."""
    known = rules.apply("map", law, f)
    if known is not None:
        return known
    spelled = law.spelled()
    base = law if spelled is None else spelled[0]
    measure = base.measure
    if spelled is None:
        outcomes: list[Any] = list(outcomes_of(measure))
    else:
        outcomes = [spelled[1].outcome(vector) for vector in positive_vectors(measure)]
    images = [f(x) for x in outcomes]
    weights = measure.weights.take(measure.weights.positive())

    def name(i: int) -> str:
        return f"image of {outcomes[i]}"

    try:
        vectors = read_vectors(images, name, way="round them: X.map(lambda x: round(f(x), {places}))")
    except NotRationalError:
        made, vectors = read_frame(images, name)
        found = of_window(base, arranged_vectors(vectors, weights, measure.missing), "an image")
        return spanned(found, made)
    return of_window(base, arranged_vectors(vectors, weights, measure.missing), "an image")


def marginal(law: Law, axes: Sequence[int]) -> Law:
    """The law of some coordinates, in this order."""
    if list(axes) == list(range(law.ndim)):
        return law
    own = law.marginal(axes)
    return Finite(images.marginal(law.measure, list(axes))) if own is None else own


def folded(law: Law, modulus: Outcome) -> Law:
    """The law of the remainder modulo a positive number, or a tuple of them."""
    moduli = monoidal.moduli_of(modulus, law.ndim)
    own = law.each_member(lambda one, a, b: folded(one, moduli[a] if b == a + 1 else tuple(moduli[a:b])))
    own = law.residues(modulus) if own is None else own
    return Finite(monoidal.folded(law.measure, modulus), law.origin) if own is None else own


def floated(law: Law) -> Law:
    """The law with floating weights, each exact one rounded once."""
    law = law.in_numbers()
    if not law.is_exact:
        return law
    spelled = law.spelled()
    if spelled is not None:
        return spanned(floated(spelled[0]), spelled[1])
    own = law.each_member(lambda one, a, b: floated(one))  # noqa: ARG005 - how members are told
    if own is None and _makes_windows(law):
        return Floated(law)
    return Finite(convolution.as_floating(law.measure), law.origin) if own is None else own


def symbolised(law: Law) -> Law:
    """The law with an end whose answers are sympy's numbers."""
    spelled = law.spelled()
    if spelled is not None:
        return spanned(symbolised(spelled[0]), spelled[1])
    measure = law.measure
    return Finite(replace(measure, weights=from_rational(measure.weights.as_rational())), law.origin)


def of_window(law: Law, found: Measure, what: str) -> Law:
    """A law that was made of another's measure: of a window it is not exact, for it is not the whole, and says so."""
    if law.is_finite:
        return Finite(found, Origin("given", what))
    weights = found.weights.as_floating().off_by(bounds.reciprocal(found.missing))
    reason = f"{what}, of a window of the outcomes: {rounded_up(found.missing)} may be missing"
    return Finite(replace(found, weights=weights), Origin("given", reason))


def _makes_windows(law: Law) -> bool:
    """Whether a law is infinite and answers wherever it is asked; mass that is missing might lie anywhere."""
    return not law.is_finite and law.ndim == 1 and not law.is_by_formula and not law.lost


def _story(chance: Any) -> str:
    """What is told of a conditional law."""
    return f"known an event of probability {shown(chance)}"


def _part(corner: Vector | None, first: int, last: int) -> Vector | None:
    """Some coordinates of a corner."""
    return None if corner is None else corner[first:last]


def _on_line(law: Law, cut: Callable[..., Law], low: Any, high: Any) -> Law:
    """What a function makes of the places of outcomes that are expressions, in their order."""
    base, frame = framed(law)
    if frame.ndim > 1:
        fits = _clamp(low, high)
        return given(law, lambda x: fits(x) == x)
    line = line_of(base, frame.axes[0])
    ends = line.ends(*(None if end is None else end[0] for end in (low, high)))
    return spanned(line.back(cut(line.law, *ends)), Frame((line.axis,)))


def _clamp(low: Any, high: Any) -> Callable[[Any], Any]:
    """What moves an outcome to the ends where it is beyond them, coordinate by coordinate."""

    def clamp(x: Expressed) -> Expressed:
        found = list(as_vector(x))
        for i in range(len(found)):
            if low is not None and compared(found[i], low[i]) < 0:
                found[i] = low[i]
            if high is not None and compared(found[i], high[i]) > 0:
                found[i] = high[i]
        return as_outcome(tuple(found))

    return clamp
