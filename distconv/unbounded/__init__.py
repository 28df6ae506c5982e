"""Laws with infinitely many outcomes."""

from distconv.unbounded.image import Image
from distconv.unbounded.law import MOST_POINTS, Unbounded
from distconv.unbounded.sum import UnboundedSum

__all__ = ["MOST_POINTS", "Image", "Unbounded", "UnboundedSum"]
