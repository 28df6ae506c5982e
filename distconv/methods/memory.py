"""Memory that each method takes at its peak, in bytes per cell of a dense floating result."""

#: Direct sums hold the result and a block; transforms both operands, spectra and masks; tilted windows exponents too;
#: ball arithmetic an object of FLINT's and one of Python's for every entry.
CELL_BYTES = {"direct": 40, "fft": 64, "tilted": 80, "ball": 400, "accumulation": 64}
