"""How much: the weights that the points of a support carry."""

from distconv.weights.floating import Floating
from distconv.weights.rational import Rational

Weights = Rational | Floating

__all__ = ["Floating", "Rational", "Weights"]
