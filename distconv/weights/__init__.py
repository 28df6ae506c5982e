"""How much: the weights that the points of a support carry."""

from distconv.weights.floating import Floating
from distconv.weights.protocol import Weights
from distconv.weights.rational import Rational
from distconv.weights.symbolic import Symbolic

__all__ = ["Floating", "Rational", "Symbolic", "Weights"]
