"""What each step of each method costs: the planner's constants, in seconds, bytes and ratios.

Every one is measured by ``python -m benchmarks.costs`` on the reference machine, one thread, everything in the caches
that fits there; a test compares the names. Predictions are wall seconds. A factor of two changes few choices
(``python -m benchmarks.plan_quality``).
"""

from __future__ import annotations

# Exact sums -----------------------------------------------------------------------------------------------------------

#: Seconds of an exact product per bit of the result, and per cell.
EXACT_BIT_SECONDS = 2.5e-9
EXACT_CELL_SECONDS = 5e-8
#: How many times quicker FLINT raises a short polynomial to a power than it multiplies results of that size, at most;
#: and at so many times fewer coefficients than this.
POWER_SPEEDUP = 10
POWER_SHORT = 60
#: Seconds of an exact n-D power row by row: of a cell for each point of the step, and for a bit of its weight there;
#: of a slice in a row, to start; and of setting a cell in its place.
MILLER_POINT_SECONDS = 3e-8
MILLER_BIT_SECONDS = 8e-11
MILLER_ROW_SECONDS = 2e-6
MILLER_CELL_SECONDS = 3e-7
#: Seconds of a point that is set back from a sublattice to its place.
IMAGE_POINT_SECONDS = 3e-6
#: Seconds of one exact coefficient by binary splitting: of a matrix, and of an entry of it for each bit and level; by
#: two halves, of starting, of a product of two coefficients, and of a bit of them.
SPLITTING_STEP_SECONDS = 2.5e-6
SPLITTING_SECONDS = 2e-9
HALVES_START_SECONDS = 2e-4
HALVES_CELL_SECONDS = 1e-7
HALVES_BIT_SECONDS = 1.1e-9
#: Seconds of one of many exact products beside its cells.
JOIN_SECONDS = 2e-4

# Pairs of points ------------------------------------------------------------------------------------------------------

#: Seconds per pair of points, merged in a dict of exact integers, and per bit of theirs; by sorting doubles, and to
#: start that.
PAIR_EXACT_SECONDS = 3.5e-7
PAIR_BIT_SECONDS = 3e-10
PAIR_START_SECONDS = 8e-5
PAIR_FLOAT_SECONDS = 1e-7
#: Seconds per pair of entries that are multiplied in many bands of doubles, their weights thousands of bits apart.
PAIR_BANDS_SECONDS = 1e-7
#: Bytes per distinct sum of two floating points, at its peak.
PAIR_BYTES = 48
#: Bytes of a Python object and dict entry for one exact sparse point, beside its bits.
POINT_BYTES = 150
#: Bytes of one term of a polynomial in letters, as FLINT and the dictionaries between keep it.
SYMBOLIC_TERM_BYTES = 300
#: Seconds per pair of weights with letters.
SYMBOLIC_PAIR_SECONDS = 2.5e-6

# Boxes of dense floating sums -----------------------------------------------------------------------------------------

#: Seconds of one multiply-add of the 1-D direct method, and to start it.
DIRECT_SECONDS = 1.0e-10
DIRECT_START_SECONDS = 4e-5
#: Seconds of one multiply-add of the n-D direct method, and of one shifted copy.
SHIFTED_SECONDS = 1.2e-9
SHIFT_SECONDS = 6e-6
#: Seconds per point and bit of transform length of the FFT method, all three transforms together, and to start it.
FFT_SECONDS = 1.8e-9
FFT_START_SECONDS = 1e-4
#: The same in n-D.
FFT_ND_SECONDS = 2.7e-9
FFT_ND_START_SECONDS = 2e-4
#: Seconds per cell that gaps between sparse points add to a transform: the entries around them are computed again.
GAP_SECONDS = 1e-6
#: Seconds per entry of the ball method (60 % of them conversions), and to start it; n-D rows are padded.
BALL_SECONDS = 3.5e-6
BALL_START_SECONDS = 1e-4
SPREAD_BALL = 1.8
#: Seconds per pair of entries of noise over a wide range, each of which is a block of FLINT's; and per entry of one
#: operand and band of the other's where weights rise and fall evenly: FLINT's blocks are then about as high as a band.
BALL_PAIR_SECONDS = 1.5e-7
BALL_BAND_SECONDS = 2.3e-6
#: Seconds per entry of the tilted method on a binomial-like law, and to start it.
TILTED_SECONDS = 1.5e-7
TILTED_START_SECONDS = 1.3e-3
#: The same in n-D.
SADDLE_SECONDS = 9e-6
SADDLE_START_SECONDS = 8e-3
#: Seconds of a further stretch of outcomes between gaps, and per cell of the region (two laws of isotopes, 1e-4 apart).
STRETCH_SECONDS = 1e-4
STRETCH_CELL_SECONDS = 2e-8
#: Seconds of looking at a box before it is computed, and for each cell of the operands' parts.
BOX_SECONDS = 1e-4
LOOK_SECONDS = 1e-8
#: Seconds of starting the sum of one pair of bands.
BAND_SECONDS = 5e-5
#: Bytes per cell at the peak. Direct sums hold the result and a block; transforms both operands, spectra and masks;
#: tilted windows exponents too; ball arithmetic an object of FLINT's and one of Python's for every entry.
DIRECT_BYTES = 40
FFT_BYTES = 64
TILTED_BYTES = 80
BALL_BYTES = 400

# Copies and many terms ------------------------------------------------------------------------------------------------

#: Seconds of an n-fold sum by tilted windows: to start, per window (there are about sqrt(n)), and per entry.
WINDOWS_START_SECONDS = 8e-3
WINDOW_SECONDS = 3e-4
CELL_WINDOW_SECONDS = 5e-7
#: The same in n-D of few points: to start, for each box, node and entry.
BELLS_START_SECONDS = 5e-3
BELL_SECONDS = 7e-4
BELL_NODE_SECONDS = 2e-7
BELL_CELL_SECONDS = 2.5e-7
#: The same of steps of many points, with all nodes.
SADDLES_START_SECONDS = 5e-3
CELL_SADDLE_SECONDS = 6e-6
#: Seconds to start counting ways to divide copies among few points, per way, and per power of a point's weight; bytes
#: per way, at its peak.
WAYS_START_SECONDS = 3e-4
WAY_SECONDS = 3e-7
FACTOR_SECONDS = 3e-6
WAY_BYTES = 120
#: Seconds of one product of a power by squaring, beside its entries.
SQUARING_SECONDS = 1e-4
#: Seconds of one cell in one level of a tree of rows, and of one term of a floating sum beside its cells.
ROW_CELL_SECONDS = 4e-7
TERM_SECONDS = 1e-4
#: Seconds of one multiply-add of terms that are added one after the other, and of reading off one cell; bytes per cell.
ACCUMULATION_SECONDS = 1e-9
ACCUMULATION_CELL_SECONDS = 2e-7
ACCUMULATION_BYTES = 64
#: Seconds of one product of windows of infinite laws to start, and of one of its cells in doubles.
JOINED_WINDOW_SECONDS = 2e-3
JOINED_CELL_SECONDS = 3e-7

# Random numbers of terms, mixtures ------------------------------------------------------------------------------------

#: Seconds of one level of an exact compound sum to start, of one product of others (of as many as there are counts,
#: until blocks of counts go together), and of one of their cells in floating 1-D.
COMPOUND_LEVEL_SECONDS = 1e-4
COMPOUND_PART_SECONDS = 7e-4
CELL_COMPOUND_SECONDS = 1e-6
#: Seconds to start windows of a compound sum, and of one of their outcomes.
COMPOUND_WINDOWS_START_SECONDS = 2e-2
COMPOUND_WINDOW_CELL_SECONDS = 6e-7
#: Seconds to start Panjer's recursion, of one outcome, and of one of its terms.
RECURSION_START_SECONDS = 3e-3
RECURSION_SECONDS = 2e-6
RECURSION_TERM_SECONDS = 1e-9
#: Seconds of a mixture per law, and per point of one, exact or floating.
MIXTURE_PART_SECONDS = 1e-4
MIXTURE_EXACT_POINT_SECONDS = 2.5e-6
MIXTURE_FLOAT_POINT_SECONDS = 1e-7
#: Seconds of Bayes' rule for each hypothesis and each thing observed.
UPDATE_SECONDS = 2e-5
#: Seconds of a summand whose sum is known: to start, of each exact and each floating outcome, and of each pair that a
#: predicate is asked of.
GIVEN_START_SECONDS = 1.5e-4
GIVEN_EXACT_SECONDS = 2e-6
GIVEN_FLOAT_SECONDS = 1e-7
GIVEN_PAIR_SECONDS = 2.3e-6
#: Seconds of a walk that is kept in a region: of each step, and of each position that the region is asked for.
STAY_STEP_SECONDS = 2e-4
STAY_POINT_SECONDS = 1.5e-6
#: The same in rows of doubles: of each step, and of each position and each move of its step.
ROW_STEP_SECONDS = 2e-5
ROW_MOVE_SECONDS = 1e-9

# Order statistics and sums of the best --------------------------------------------------------------------------------

#: Seconds for a bit of an exact power, or of one level of binary splitting, and for a term of it.
ORDER_BIT_SECONDS = 3e-10
ORDER_TERM_SECONDS = 5e-7
#: Seconds of a point in balls, by series or far from the middle; of a power alone; of one whose incomplete beta
#: function is near its middle. Bytes of one floating point and of its Python numbers while it is computed.
ORDER_POINT_SECONDS = 7e-5
ORDER_POWER_SECONDS = 1.7e-5
ORDER_MIDDLE_SECONDS = 8e-3
ORDER_POINT_BYTES = 650
#: Seconds of a composition of sums of the best for each cell of its result and bit of its weights, for each cell of one
#: in balls, for each pair of terms and bit of dicts, and for each binomial tail; bytes of a term of a dict, of a cell.
BEST_BIT_SECONDS = 3.5e-10
BEST_CELL_SECONDS = 5e-8
BEST_BALL_CELL_SECONDS = 7e-7
BEST_PAIR_SECONDS = 4e-7
BEST_TAIL_SECONDS = 1.4e-3
BEST_TERM_BYTES = 200
BEST_BALL_BYTES = 250

# Other operations than addition ---------------------------------------------------------------------------------------

#: Seconds and bytes of a pair of outcomes that an operation joins, and of a cell of a Walsh-Hadamard transform.
MONOID_PAIR_SECONDS = 2.5e-6
MONOID_PAIR_BYTES = 200
CUBE_SECONDS = 4e-6
CUBE_BYTES = 200
#: Seconds of one product beside its outcomes, and of all exact ones modulo n for a bit of the last.
MONOID_PRODUCT_SECONDS = 2e-4
RESIDUE_SECONDS = 2e-9

# Kernels on signals ---------------------------------------------------------------------------------------------------

#: Seconds to start, of a cell, of a shifted addition to it, of a pass along one axis, and of one of Python's
#: integers; of a point of a signal that has few; of a cell of overlapping transforms, to 2-D and beyond.
FILTER_START_SECONDS = 2e-4
FILTER_CELL_SECONDS = 2e-9
FILTER_TAP_SECONDS = 1.0e-9
FILTER_AXIS_SECONDS = 1.3e-9
FILTER_OBJECT_SECONDS = 6e-7
FILTER_POINT_SECONDS = 2e-5
FILTER_FFT_SECONDS = 8e-8
FILTER_FFT_ND_SECONDS = 2.5e-7
#: Bytes of a cell while it is computed: padded, twice, and the output; of Python's integers.
FILTER_CELL_BYTES = 32
FILTER_OBJECT_BYTES = 120
#: Bytes of one entry while a matrix is put together (three numbers, and again as they are sorted), and seconds.
MATRIX_ENTRY_BYTES = 64
MATRIX_ENTRY_SECONDS = 5e-8

# Laws that are laid out -----------------------------------------------------------------------------------------------

#: Bytes per outcome of a window of a named family, at its peak, and of a window read from scipy.
FAMILY_POINT_BYTES = 120
SCIPY_POINT_BYTES = 64

# Draws without replacement --------------------------------------------------------------------------------------------

#: Seconds of a cell of one half of the values, of numbers of a hundred bits.
DRAWN_CELL_SECONDS = 4e-7
#: Seconds of a bit of the result for each level of a product of cyclotomic polynomials: 600 of 1200 ranks.
GAUSSIAN_BIT_SECONDS = 1.2e-9
#: Seconds of one term of a sum kept as its terms: 8 of 16 values below 10**6.
DRAWN_TERM_SECONDS = 2e-7

# Sums that are kept as their terms ------------------------------------------------------------------------------------

#: Seconds of a single answer, of each point of the terms in it, and of each of many places side by side.
ASKED_START_SECONDS = 3e-3
ASKED_POINT_SECONDS = 2.5e-6
ASKED_PLACE_SECONDS = 1.5e-6
