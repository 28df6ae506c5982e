"""Laws with infinitely many outcomes."""

from distconv.unbounded.compound import Compound
from distconv.unbounded.ends import highest, lowest
from distconv.unbounded.image import Image
from distconv.unbounded.jumps import Jumps
from distconv.unbounded.law import MOST_POINTS, Unbounded
from distconv.unbounded.limited import clipped, truncated
from distconv.unbounded.mixture import mixture_of
from distconv.unbounded.random_sum import RandomSum
from distconv.unbounded.sum import UnboundedSum

__all__ = [
    "MOST_POINTS",
    "Compound",
    "Image",
    "Jumps",
    "RandomSum",
    "Unbounded",
    "UnboundedSum",
    "clipped",
    "highest",
    "lowest",
    "mixture_of",
    "truncated",
]
