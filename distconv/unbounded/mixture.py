"""Mixtures of laws, at least one of them infinite: asked of their parts, however far out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds, missing
from distconv.checks import check_function, check_integer
from distconv.distribution import Distribution
from distconv.docstrings import asked_of_losses, drawn_by
from distconv.errors import AccuracyError
from distconv.measure import Measure
from distconv.numbers.doubles import to_double
from distconv.planning import Origin
from distconv.queries import losses
from distconv.queries.moments import central_from_cumulants, cumulants_from_central, raw_from_central
from distconv.queries.sampling import draw
from distconv.queries.totals import Side
from distconv.settings import under_own_settings
from distconv.support.outcomes import quotient, rational_gcd, rational_lcm, whole
from distconv.transforms import mixing
from distconv.transforms.mixing import Share, double
from distconv.typing import Answer, AnyArray, Outcome, PointLike, Question, RandomState, Scalar, Transform
from distconv.unbounded import levels
from distconv.unbounded.asked import Asked
from distconv.unbounded.ends import highest, lost_of, lowest
from distconv.unbounded.image import Image
from distconv.unbounded.law import Unbounded
from distconv.unbounded.parts import as_fraction, exact_head, lattice_of, log_of, number, piece, plus, sum_error, times
from distconv.value import write

#: The parts of a mixture with their shares.
Parts = Sequence[tuple[Distribution, Share]]
#: The part of a window's tail that its parts' windows may use: the rest is for rounding.
TAIL_PART = 1 - 2.0**-20


def mixture_of(parts: Parts, error: float = 0.0) -> Distribution:
    """The mixture of laws of numbers, one at least infinite: mixtures among them opened, equal ones and finite merged.

    One law that is left comes back as it is.

    Args:
        parts: laws and their shares, positive and of total 1.
        error: the relative error of the shares.
    """
    opened, errors = _opened(parts)
    merged: dict[Distribution, Share] = {}
    for law, share in _finite_merged(opened):
        if law not in merged:
            merged[law] = share
            continue
        known = next(other for other in merged if other == law)
        # Of equal laws the one that is known worse stays for all.
        before = merged.pop(known)
        merged[max(known, law, key=lambda one: (not one.is_exact, one.error))] = plus(before, share)
    if len(merged) == 1:
        return next(iter(merged))
    floating = any(isinstance(share, tuple) for share in merged.values())
    roundings = bounds.summation(len(opened) + 2) if floating else 0.0
    infinite: list[Any] = [(law, share) for law, share in merged.items() if not law.is_finite]
    finite = [(law, share) for law, share in merged.items() if law.is_finite]
    return Mixture(tuple(infinite), tuple(finite), bounds.compose(error, errors, roundings))


def _opened(parts: Parts) -> tuple[list[tuple[Distribution, Share]], float]:
    """The parts, mixtures among them replaced by their own; and the largest error of these shares."""
    opened: list[tuple[Distribution, Share]] = []
    worst = 0.0
    for law, share in parts:
        inner = law._blend() if isinstance(law, Asked) else None
        if inner is None:
            opened.append((law, share))
        else:
            opened.extend((one, times(share, own)) for one, own in inner[0])
            worst = max(worst, inner[1])
    return opened, worst


def _finite_merged(parts: Parts) -> Parts:
    """The parts, finite exact ones that are laid out as one: however they were written, they have one mixture."""
    short = [
        (law, share)
        for law, share in parts
        if not isinstance(law, Asked) and law.is_exact and not law.missing and not isinstance(share, tuple)
    ]
    if len(short) < 2:
        return parts
    total = sum(as_fraction(share) for _, share in short)
    one = mixing.mixed([(as_fraction(share) / total, law._measure) for law, share in short])
    taken = {id(law) for law, _ in short}
    return [(law, share) for law, share in parts if id(law) not in taken] + [(short[0][0]._of(one), total)]


class Mixture(Unbounded):
    """The law of a variable whose law is itself drawn, from several of which one at least is infinite."""

    __slots__ = ("finite", "infinite", "share_error")

    infinite: tuple[tuple[Unbounded, Share], ...]
    finite: tuple[tuple[Distribution, Share], ...]
    share_error: float

    def __init__(
        self,
        infinite: tuple[tuple[Unbounded, Share], ...],
        finite: tuple[tuple[Distribution, Share], ...],
        share_error: float,
    ) -> None:
        self._set(None, Origin("mixture", f"{len(infinite) + len(finite)} laws, weighted, each asked by itself"))
        write(self, "infinite", infinite)
        write(self, "finite", finite)
        write(self, "share_error", share_error)

    @property
    def parts(self) -> tuple[tuple[Distribution, Share], ...]:
        """The laws with their shares."""
        return (*self.infinite, *self.finite)

    def _anew_by(self) -> Any:
        return mixture_of, (self.parts, self.share_error)

    def _blend(self) -> Any:
        return self.parts, self.share_error

    def _key(self) -> Any:
        """Up to scale and shift: those of its infinite parts, of which the least are told apart."""
        keys = [(law._key(), share) for law, share in self.infinite]
        scale = min(abs(own) for (_, own, _), _ in keys)
        shift = min(moved for (_, _, moved), _ in keys)
        infinite = frozenset(
            (core, whole(Fraction(own) / scale), whole(Fraction(moved - shift) / scale), as_fraction(share))
            for (core, own, moved), share in keys
        )
        finite = frozenset((_moved(law, scale, shift), as_fraction(share)) for law, share in self.finite)
        return ("mixture", infinite, finite), scale, shift

    def _mirrored(self) -> Unbounded:
        infinite = tuple((Image(law, -1, 0), share) for law, share in self.infinite)
        return Mixture(infinite, tuple((law._scaled(-1), share) for law, share in self.finite), self.share_error)

    @property
    def is_exact(self) -> bool:
        """Whether the weights are exact fractions: those of all parts, and the shares."""
        return all(law.is_exact and not isinstance(share, tuple) for law, share in self.parts)

    @property
    def error(self) -> float:
        """A proven bound on the relative rounding error of every weight: the worst part's and that of the shares."""
        if self.is_exact:
            return 0.0
        worst = max(law.error or bounds.UNIT for law, _ in self.parts)
        return bounds.compose(worst, self.share_error, bounds.summation(len(self.parts) + 2))

    def _sum_error(self) -> float:
        worst = max(sum_error(law) for law, _ in self.parts)
        return bounds.compose(worst, self.share_error, bounds.summation(len(self.parts) + 2))

    @property
    def _lost(self) -> float:
        """What is missing for good: its share of each part."""
        return min(1.0, math.fsum(double(share) * lost_of(law) for law, share in self.parts) * bounds.PAD)

    def _spacing(self) -> Scalar:
        anchor = self._some_outcome()
        steps: Scalar = 0
        for law, _ in self.parts:
            place, own = lattice_of(law)
            steps = rational_gcd(rational_gcd(steps, own), abs(Fraction(place) - anchor))
        return steps

    def _period(self) -> Scalar:
        return rational_lcm([law._period() for law, _ in self.infinite])

    @property
    def low(self) -> Scalar | None:
        """The lowest outcome; None where there is none."""
        return _furthest([lowest(law) for law, _ in self.parts], min)

    @property
    def high(self) -> Scalar | None:
        """The highest outcome; None where there is none."""
        return _furthest([highest(law) for law, _ in self.parts], max)

    # Windows ------------------------------------------------------------------------------------------------------

    def _covering(self, tail: float) -> Measure:
        return self._of_windows(lambda law: law._covering(tail * TAIL_PART))

    def _in_doubles(self, tail: float) -> Measure:
        return self._of_windows(lambda law: law._in_doubles(tail * TAIL_PART))

    @under_own_settings
    def _of_windows(self, window: Callable[[Unbounded], Measure]) -> Measure:
        """The mixture of windows of the infinite parts and of the finite ones."""
        whole = [(share, replace(law._measure, missing=0.0)) for law, share in self.finite]
        return mixing.mixed([(share, window(law)) for law, share in self.infinite] + whole, self.share_error)

    @under_own_settings
    def _around(self, low: Scalar, high: Scalar) -> Measure | None:
        pieces = [(share, piece(law, low, high)) for law, share in self.parts]
        held = [(share, replace(part, missing=0.0)) for share, part in pieces if part is not None]
        return replace(mixing.mixed(held, self.share_error), missing=1.0) if held else None

    def _up_to(self, x: Scalar) -> Measure | None:
        return None if self.low is None or x < self.low else self._around(self.low, x)

    def _from(self, x: Scalar) -> Measure | None:
        return None if self.high is None or x > self.high else self._around(x, self.high)

    # Sums ---------------------------------------------------------------------------------------------------------

    def _exact_head(self, x: Scalar) -> Fraction | None:
        total = Fraction(0)
        for law, share in self.parts:
            head = exact_head(law, x)
            if head is None:
                return None
            total += as_fraction(share) * head
        return total

    @under_own_settings
    def _held(self, x: Scalar, side: Side, *, log: bool = False) -> float:
        """The parts' own sums, each from its own side, times their shares."""
        sums = [(float(law._beside(x, side, log=log)), share) for law, share in self.parts]
        if log:
            return min(0.0, _log_total([log_of(share) + value for value, share in sums]))
        return min(1.0, math.fsum(double(share) * value for value, share in sums))

    def _other_side(self, x: Scalar, side: Side) -> float:
        return self._held(x, side)

    def _is_far_side(self, x: Scalar, side: Side) -> bool:  # noqa: ARG002 - every part finds its own side
        return False

    def _quantile(self, q: Fraction, side: Side, rounded: bool) -> Outcome:
        if self._lost > missing.NEGLIGIBLE:
            return super()._quantile(q, side, rounded)
        last = self._last(q, side)
        if last is not None:
            return last
        first = self.infinite[0][0]
        try:
            start: Any = (first.ppf if side == "cdf" else first.isf)(q)
        except AccuracyError:
            start = self._some_outcome()
        return levels.first_reaching(self, q, side, rounded=rounded, start=start)

    # What is asked of every part ----------------------------------------------------------------------------------

    def _cumulant(self, k: int) -> Any:
        """From the moments about the mean, which are those of the parts, weighted."""
        total = sum(as_fraction(share) for _, share in self.parts)
        own = [[0, *(_cumulant_of(law, j) for j in range(1, k + 1))] for law, _ in self.parts]
        weights = [as_fraction(share) / total for _, share in self.parts]
        mean = sum(w * cumulants[1] for w, cumulants in zip(weights, own, strict=True))
        central: list[Any] = []
        for order in range(k + 1):
            parts = (
                raw_from_central(central_from_cumulants(cumulants), cumulants[1] - mean, order) for cumulants in own
            )
            central.append(sum(w * part for w, part in zip(weights, parts, strict=True)))
        return cumulants_from_central(central, mean)[k]

    def _told(self, value: Any) -> Any:
        is_floating = any(isinstance(law.mean(), float) or isinstance(share, tuple) for law, share in self.parts)
        return to_double(value) if is_floating else value

    def pgf(self, z: PointLike) -> Transform:
        """The parts' own, weighted."""
        return sum(number(share) * law.pgf(z) for law, share in self.parts)

    def _log_mgf(self, t: float) -> float:
        return _log_total([log_of(share) + law._log_mgf(t) for law, share in self.parts])

    @asked_of_losses(losses.each_retention)
    def stop_loss(self, d: Question) -> Answer:
        """E max(X - d, 0), for a number or an array of them, within the tolerance of the settings."""
        self._settled("E max(X - d, 0)", f"stop_loss({d!r})", 0.0)
        return losses.each_retention(lambda v: sum(number(share) * law.stop_loss(v) for law, share in self.parts), d)

    def expect(self, f: Callable[[Any], Any]) -> float:
        """E[f(X)]: the parts' own, weighted.

        Raises:
            AccuracyError: that of one part may be infinite.
        """
        check_function(f, "expect")
        self._settled("E f(X)", "expect(f)")
        return math.fsum(double(share) * float(law.expect(f)) for law, share in self.parts)

    @drawn_by(draw)
    def rvs(self, size: int | tuple[int, ...] | None = None, rng: RandomState = None) -> Outcome | AnyArray:
        """Random outcomes: of each part as many as fall to its share, in random order."""
        generator = np.random.default_rng(rng)
        shape = () if size is None else size if isinstance(size, tuple) else (size,)
        counts = tuple(check_integer("size", n, at_least=0) for n in shape)
        shares = np.array([double(share) for _, share in self.parts])
        drawn = generator.multinomial(math.prod(counts), shares / shares.sum())
        rows = [law.rvs(int(n), generator) for (law, _), n in zip(self.parts, drawn, strict=True) if n]
        outcomes: AnyArray = generator.permutation(np.concatenate(rows)) if rows else np.zeros(0, dtype=np.int64)
        if size is not None:
            return outcomes.reshape(counts)
        only: Outcome = outcomes[0].item() if isinstance(outcomes[0], np.generic) else outcomes[0]
        return only


def _furthest(ends: list[Scalar | None], of: Callable[[list[Scalar]], Scalar]) -> Scalar | None:
    """The first or last of some ends; None where there is none on that side."""
    known = [end for end in ends if end is not None]
    return of(known) if len(known) == len(ends) else None


def _moved(law: Distribution, scale: Scalar, shift: Scalar) -> Any:
    """The law of (X - shift) / scale, of a finite X; of a long one what tells it."""
    if isinstance(law, Asked) and not law._is_laid_out():
        return law, scale, shift
    return law._shifted((-shift,))._scaled(quotient(1, scale))


def _cumulant_of(law: Distribution, k: int) -> Any:
    """The k-th cumulant of a part, a double as the fraction that it is."""
    value = law._cumulant(k) if isinstance(law, Asked) else law.cumulant(k)
    return Fraction(value) if isinstance(value, float) and math.isfinite(value) else value


def _log_total(logs: list[float]) -> float:
    """The log of the sum of numbers of which these are the logs."""
    top = max(logs)
    return top if math.isinf(top) else top + math.log(math.fsum(math.exp(log - top) for log in logs))
