"""Public type aliases: what callers may pass and what they get back."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

#: A coordinate as the library keeps it: ``int`` where it is whole, else ``Fraction``.
Scalar = int | Fraction
#: An outcome as the library returns it: a scalar in 1-D, a tuple of scalars in n-D.
Outcome = Scalar | tuple[Scalar, ...]
#: An outcome as callers may write it (sympy rationals too, which have no static type here).
ScalarLike = int | float | Fraction | Decimal | str | np.integer[Any] | np.floating[Any]
OutcomeLike = ScalarLike | tuple[ScalarLike, ...]
#: A weight as callers may write it.
WeightLike = int | float | Fraction | Decimal | str | np.integer[Any] | np.floating[Any]
WeightMapping = Mapping[Any, Any]
# Spelled out, for `numpy.typing` would be loaded with the library.
FloatArray = np.ndarray[Any, np.dtype[np.float64]]
IntArray = np.ndarray[Any, np.dtype[np.int64]]
AnyArray = np.ndarray[Any, np.dtype[Any]]
Vector = tuple[Scalar, ...]
Shape = tuple[int, ...]
