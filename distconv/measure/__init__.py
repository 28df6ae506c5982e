"""Measures: where (support), how much (weights), what is missing; how they are read, arranged and looked up."""

from distconv.measure.measure import Measure

__all__ = ["Measure"]
