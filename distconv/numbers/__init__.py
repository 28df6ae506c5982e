"""Numbers of any range and precision: doubles with exponents, and FLINT's balls; the lengths that transforms like."""
