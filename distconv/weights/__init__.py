"""How much: the weights that the points of a support carry."""

from distconv.weights.floating import Floating
from distconv.weights.rational import Rational
from distconv.weights.symbolic import Symbolic

Weights = Rational | Symbolic | Floating

__all__ = ["Floating", "Rational", "Symbolic", "Weights"]
