"""Where: the points that carry weight."""

from distconv.support.lattice import Lattice
from distconv.support.points import Points

Support = Lattice | Points

__all__ = ["Lattice", "Points", "Support"]
