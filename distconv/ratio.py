"""`Ratio`: the fraction that exact answers are, which prints shortly and formats as a float does."""

from __future__ import annotations

import math
import re
import sys
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from fractions import Fraction
from typing import Any

#: Digits of numerator or denominator past which `repr` shows a number's value and not its digits.
LONGEST_REPR = 60
#: The same for `str`: below what Python converts by default (``sys.get_int_max_str_digits()``).
LONGEST_STR = 4000
#: Significant digits of a value that is shown in place of its fraction.
SHOWN_DIGITS = 12
#: Decimals of ``f"{p:f}"`` and its like, which name no number of them.
DEFAULT_DECIMALS = 6
#: A format: alignment, sign, width and grouping; decimals; how the number is written.
SPEC = re.compile(r"(.*?)(?:\.(\d+))?([eEfFgGn%]?)")
#: Decimals that a double has for certain.
DOUBLE_DECIMALS = 14
#: Decimal digits of one binary digit.
LOG10_2 = math.log10(2)
#: Decimals of any length and exponent.
ANY_DECIMAL = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)


class Ratio(Fraction):
    """An exact number: a `fractions.Fraction` in every respect, that is easier to show.

    ``f"{p:.3f}"``, ``:.1%`` and ``:.3e`` work on every Python; `repr` and `str` of a fraction of thousands of digits
    show its value instead of failing; numpy's ``log``, ``exp`` and ``sqrt`` take it. Arithmetic with exact numbers
    gives a `Ratio` again.

    >>> from distconv import Die
    >>> (1000 @ Die(6)).sf(3999)
    <Fraction 7.70419018535e-21: 758 digits over 778>
    >>> f"{(2 @ Die(6)).pmf(7):.1%}"
    '16.7%'
    """

    __slots__ = ()

    @classmethod
    def lowest(cls, numerator: int, denominator: int) -> Ratio:
        """numerator / denominator, known to be in lowest terms with a denominator > 0."""
        result = object.__new__(cls)
        result._numerator, result._denominator = numerator, denominator  # type: ignore[attr-defined]
        return result

    def __repr__(self) -> str:
        return f"Fraction({self.numerator}, {self.denominator})" if self._length() <= LONGEST_REPR else self._shortly()

    def __str__(self) -> str:
        return super().__str__() if self._length() <= LONGEST_STR else self._shortly()

    def _length(self) -> int:
        """How many decimal digits the longer of numerator and denominator has, or one more."""
        return max(_digits(self.numerator), _digits(self.denominator))

    def _shortly(self) -> str:
        """The value, and how long the fraction is."""
        value = f"{self._decimal(SHOWN_DIGITS):.{SHOWN_DIGITS - 1}e}"
        return f"<Fraction {value}: {_digits(self.numerator)} digits over {_digits(self.denominator)}>"

    def _decimal(self, digits: int) -> Decimal:
        """The value, cut behind so many significant digits and one more that tells whether something was cut off.

        So rounding it once more gives what rounding the fraction itself would.
        """
        top, below = abs(self.numerator), self.denominator
        places = digits + 1 + _digits(below) - _digits(top)
        top, below = (top * 10**places, below) if places >= 0 else (top, below * 10**-places)
        quotient, rest = divmod(top, below)
        cut = Decimal(10 * quotient + bool(rest)).scaleb(-places - 1, ANY_DECIMAL)
        return cut.copy_negate() if self < 0 else cut

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        if sys.version_info >= (3, 12):
            return super().__format__(spec)
        meant = SPEC.fullmatch(spec)
        if meant is None:
            raise ValueError(f"invalid format {spec!r} of a fraction")
        layout, places, kind = meant.groups()
        if not kind and places is None:
            # The fraction itself, set on the right as numbers are.
            return format(str(self), spec if "<" in spec or "^" in spec or ">" in spec else f">{spec}")
        decimals = DEFAULT_DECIMALS if places is None else int(places)
        if kind not in ("f", "F", "%") and decimals <= DOUBLE_DECIMALS:
            # As floats are shown, without needless zeros; beyond the doubles as decimals are.
            value = _double(self)
            if value is not None:
                return format(value, spec)
        whole = max(0, _digits(self.numerator) - _digits(self.denominator) + 5)
        return format(self._decimal(whole + decimals), f"{layout}.{decimals}{kind}")

    def __reduce__(self) -> Any:
        return Ratio.lowest, (self.numerator, self.denominator)

    # What numpy asks of numbers that it does not know, one by one: np.log(X.sf([1, 2])).

    def log(self) -> float:
        """The natural logarithm, also where the number is beyond the doubles."""
        if self <= 0:
            return -math.inf if not self else math.nan
        near = abs(self - 1) < Fraction(1, 2)
        return math.log1p(float(self - 1)) if near else math.log(self.numerator) - math.log(self.denominator)

    def log2(self) -> float:
        """The logarithm of base 2."""
        return self.log() / math.log(2)

    def log10(self) -> float:
        """The logarithm of base 10."""
        return self.log() / math.log(10)

    def exp(self) -> float:
        """The exponential."""
        return math.exp(self)

    def sqrt(self) -> float:
        """The square root, also of numbers beyond the doubles."""
        shift = (self.numerator.bit_length() - self.denominator.bit_length()) // 2
        return math.ldexp(math.sqrt(self / Fraction(4) ** shift), shift)


def _digits(number: int) -> int:
    """How many decimal digits an integer has, or one more."""
    return int(number.bit_length() * LOG10_2) + 1


def _double(value: Fraction) -> float | None:
    """The number as a double; None beyond the doubles."""
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if abs(found) >= sys.float_info.min or not value else None


def _closed(name: str) -> Any:
    """An operator of `Fraction` whose exact results are ratios."""
    operator = getattr(Fraction, name)

    def operation(self: Fraction, *other: Any) -> Any:
        # A power of a ratio is asked of the base as a plain fraction, or it would be handed back and forth.
        result = operator(Fraction(self) if name == "__rpow__" else self, *other)
        return Ratio.lowest(result.numerator, result.denominator) if type(result) is Fraction else result

    operation.__name__, operation.__doc__ = name, operator.__doc__
    return operation


for _name in ("add", "sub", "mul", "truediv", "mod", "pow"):
    for _side in ("", "r"):
        setattr(Ratio, f"__{_side}{_name}__", _closed(f"__{_side}{_name}__"))
for _name in ("neg", "pos", "abs"):
    setattr(Ratio, f"__{_name}__", _closed(f"__{_name}__"))
