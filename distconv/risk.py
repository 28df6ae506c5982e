"""What actuaries ask of a loss: stop-loss premiums and tail means."""

from __future__ import annotations

from typing import Any

import numpy as np

from distconv.answers import number_array, read_level
from distconv.brackets import Brackets
from distconv.coordinates import asked
from distconv.errors import DistconvValueError
from distconv.measure import lookup
from distconv.measure.reading import collected, is_collection
from distconv.numbers.doubles import to_double
from distconv.queries.losses import excess


class RiskMeasures(Brackets):
    """Stop-loss premiums, and means of tails."""

    __slots__ = ()

    def stop_loss(self, d: Any) -> Any:
        """E max(X - d, 0): the premium of what exceeds a retention d, summed from the far end, never as a difference.

        Args:
            d: a number, or an array of them.

        Returns:
            A fraction for an exact law; of a floating one a double within its `error` and some log2 of the outcomes
            + 40 roundings of 2**-53, relative.

        Raises:
            AccuracyError: more than 1e-8 is `missing`; see `Distribution.without_missing`.

        >>> from distconv import Die
        >>> Die(6).stop_loss(4)
        Fraction(1, 2)
        """
        self._only_1d("stop-loss premiums")
        self._only_numbers("stop-loss premiums")
        self._settled("E max(X - d, 0)", f"stop_loss({d!r})", 0.0)
        if isinstance(d, tuple) or is_collection(d):
            retentions = np.asarray(asked(collected(d, "d")), dtype=object)
            return number_array([self._excess(lookup.read_query(v)) for v in retentions.ravel()], retentions.shape)
        return self._excess(lookup.read_query(d))

    def _excess(self, d: Any) -> Any:
        return excess(self._measure, d)

    def tail_mean(self, q: Any) -> Any:
        """The mean of the worst part 1 - q of the outcomes (TVaR, expected shortfall): v + stop_loss(v) / (1 - q).

        v is the quantile ``ppf(q)`` (VaR). Where it has more probability than is needed, a part of it counts.

        Args:
            q: a level in [0, 1), or an array of them; a float is read as its shortest decimal.

        Raises:
            DistconvValueError: a level outside of [0, 1).
            AccuracyError: more than 1e-8 is `missing`.

        >>> from distconv import Die
        >>> Die(6).tail_mean("1/2")
        Fraction(5, 1)
        """
        self._only_1d("tail means")
        self._only_numbers("tail means")
        self._settled("the tail's mean", f"tail_mean({q!r})")
        if isinstance(q, tuple) or is_collection(q):
            levels = np.asarray(collected(q, "q"), dtype=object)
            return number_array([self.tail_mean(v) for v in levels.ravel()], levels.shape)
        level = read_level(q, "q")
        if level == 1:
            raise DistconvValueError("q must be below 1: no part of the outcomes is left; the highest is ppf(1)")
        quantile = self.ppf(q)
        more = self.stop_loss(quantile)
        if isinstance(more, float):
            return to_double(quantile) + more / float(1 - level)
        return quantile + more / (1 - level)
