"""5-smooth numbers, 2**a 3**b 5**c: lengths of which Fourier transforms are quick (and their bounds derived).

`scipy.fft` knows them, too, but takes half a second to import.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cache


def smooth(n: int) -> int:
    """The least 5-smooth number from n >= 1 on."""
    octave = max(n - 1, 1).bit_length()
    known = _between(octave)
    return known[bisect_left(known, n)]


@cache
def _between(octave: int) -> tuple[int, ...]:
    """The 5-smooth numbers from half of 2**octave up to it, both ends in."""
    low, high = 1 << (octave - 1), 1 << octave
    found = {low, high}
    power = 1
    while power <= high:
        odd = power
        while odd <= high:
            # The power of two that brings it into the octave.
            found.add(odd << max((high // odd).bit_length() - 1, 0))
            odd *= 3
        power *= 5
    return tuple(sorted(found))
