"""Expressions read as quotients of polynomials over one denominator, in a field that holds them all; and written back.

sympy and FLINT are imported on first use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from distconv.errors import DistconvValueError
from distconv.numbers import letters
from distconv.numbers.constants import without_constants
from distconv.weights.field import Field, context
from distconv.weights.reader import Reader, is_turned

if TYPE_CHECKING:
    import flint
    import sympy

#: Terms of a quotient up to which its two forms are compared: longer ones are shorter in factors, if they have any.
MOST_EXPANDED = 60
#: Terms of a factor up to which it is looked at whether it is written with its sign turned: to turn more takes long.
MOST_TURNED = 20
#: Operations in a value up to which it is brought into one quotient: longer ones may take seconds.
LONGEST = 4000
#: Operations by which a form in which a value came must be shorter to be kept: equal values rarely come in such forms.
SAVED = 2


def read_quotients(values: Sequence[Any]) -> tuple[list[flint.fmpz_mpoly], flint.fmpz_mpoly, Field]:
    """(numerators, denominator, field) of sympy expressions and rational numbers, not in lowest terms.

    Raises:
        DistconvTypeError: a floating number, or one that is not real.
        DistconvValueError: a denominator that is 0.
    """
    import sympy

    given = [letters.expression_of(v) for v in values]
    expressions, constants = without_constants(given)
    reader = Reader()
    parts = [reader.read(e) for e in expressions]
    found = reader.generators()
    last = constants.algebraic
    order = sorted(
        found, key=lambda key: (key[0] == last, sympy.default_sort_key(found[key].xreplace(constants.meanings)))
    )
    ring = context(len(order))
    names = dict(zip(order, ring.gens(), strict=True))
    quotients: list[Any] = []
    known: dict[int, Any] = {}
    for part, shown in zip(parts, given, strict=True):
        try:
            quotients.append(reader.quotient(part, names, ring, known))
        except ZeroDivisionError:
            raise DistconvValueError(f"the weight {shown} divides by 0") from None
    polynomials, used = without_unused([p for quotient in quotients for p in quotient], len(order))
    generators = [order[place] for place in used]
    algebraic = constants.field if (last, 1) in generators else None
    field = Field(tuple(found[key].xreplace(constants.meanings) for key in generators), algebraic)
    tops, bottoms = ([field.reduced(p) for p in polynomials[start::2]] for start in (0, 1))
    for bottom, shown in zip(bottoms, given, strict=True):
        if not bottom or (not bottom.is_constant() and not field.is_free() and field.is_zero(bottom)):
            raise DistconvValueError(f"the weight {shown} divides by 0")
    common = field.ring.constant(1)
    for bottom in bottoms:
        common = common * (bottom // common.gcd(bottom))
    numerators = [top * (common // bottom) for top, bottom in zip(tops, bottoms, strict=True)]
    return numerators, common, field


def without_unused(polynomials: list[flint.fmpz_mpoly], count: int) -> tuple[list[flint.fmpz_mpoly], list[int]]:
    """The same polynomials in the variables that occur in some, and the places of these among all."""
    degrees = [p.degrees() for p in polynomials if p]
    used = [i for i in range(count) if any(d[i] for d in degrees)]
    if len(used) == count:
        return polynomials, used
    ring = context(len(used))
    return [
        ring.from_dict({tuple(int(e[i]) for i in used): c for e, c in p.to_dict().items()}) for p in polynomials
    ], used


def factored(numerator: flint.fmpz_mpoly, denominator: flint.fmpz_mpoly, field: Field) -> sympy.Expr:
    """numerator / denominator as a product of powers: the form that is evaluated in floats with the least loss."""
    import sympy

    if numerator.is_zero():
        return sympy.Integer(0)
    number, powers = sympy.Integer(1), dict[sympy.Expr, Any]()
    bases = {g.as_base_exp()[0] for g in field.generators if not g.is_Symbol}
    for polynomial, side in ((numerator, 1), (denominator, -1)):
        deflated, rest, inside = _deflated(polynomial, field)
        constant, factors = deflated.factor()
        number *= sympy.Integer(int(constant)) ** side
        for shown, exponent in [*((inside.written(base), exponent) for base, exponent in factors), *rest]:
            is_short = len(shown.args) <= MOST_TURNED
            if is_short and (-shown in bases or (shown not in bases and _is_complement(-shown))):
                # So that powers of one base are one power, and that of p - 1 one of 1 - p.
                shown, number = -shown, number * (-1) ** int(exponent)
            inner, power = shown.as_base_exp()
            powers[inner] = powers.get(inner, 0) + side * int(exponent) * power
    if number < 0:
        odd = [base for base, exponent in powers.items() if base.is_Add and exponent.is_odd]
        if odd:
            first = min(odd, key=sympy.default_sort_key)
            powers[-first], number = powers.pop(first), -number
    return sympy.Mul(number, *(base**exponent for base, exponent in _ratios(powers).items()))


def _ratios(powers: dict[sympy.Expr, Any]) -> dict[sympy.Expr, Any]:
    """The same powers, those of numbers with one exponent as powers of their ratio: (5/6)**n is 5**n/6**n."""
    found: dict[sympy.Expr, Any] = {}
    rates: dict[Any, Any] = {}
    for base, exponent in powers.items():
        if base.is_Integer and not exponent.is_number:
            below = exponent.could_extract_minus_sign()
            rate = -exponent if below else exponent
            rates[rate] = rates.get(rate, 1) * (1 / base if below else base)
        else:
            found[base] = exponent
    for rate, base in rates.items():
        base, exponent = (base, rate) if base.p != 1 else (1 / base, -rate)
        found[base] = found.get(base, 0) + exponent
    return found


def _is_complement(base: sympy.Expr) -> bool:
    """Whether a base is what probabilities leave of a number: 1 - p and 2 - p - q, but no 1 - n of a whole n."""
    return not is_turned(base) and is_turned(-base) and not any(s.is_integer for s in letters.letters_of(base))


def _deflated(polynomial: flint.fmpz_mpoly, field: Field) -> tuple[Any, list[tuple[sympy.Expr, int]], Field]:
    """A polynomial in p for one in sqrt(p), where it is one but for a factor sqrt(p); that factor; and its field.

    In sqrt(p), 1 - p would come apart into factors.
    """
    generators, rest, terms = list(field.generators), [], polynomial.to_dict()
    for place, generator in enumerate(field.generators):
        base, exponent = generator.as_base_exp()
        if not (base.is_Symbol and exponent.is_Rational and exponent.q > 1):
            continue
        order, over = int(exponent.q), {int(powers[place]) % int(exponent.q) for powers in terms}
        if len(over) == 1:
            generators[place], (left,) = base, over
            terms = {
                tuple(int(e) // order if i == place else int(e) for i, e in enumerate(powers)): c
                for powers, c in terms.items()
            }
            rest += [(generator, left)] * (left > 0)
    return field.ring.from_dict(terms), rest, Field(tuple(generators), field.algebraic)


def told(value: sympy.Expr) -> sympy.Expr:
    """An expression as one quotient in lowest terms, in factors or expanded, whichever is shorter."""
    (numerator,), denominator, field = read_quotients([value])
    return shorter(numerator, denominator, field)


def shorter(numerator: flint.fmpz_mpoly, denominator: flint.fmpz_mpoly, field: Field) -> sympy.Expr:
    """numerator / denominator in lowest terms, in factors or expanded, whichever is shorter."""
    import sympy

    common = numerator.gcd(denominator)
    if not common.is_zero():
        numerator, denominator = numerator // common, denominator // common
    product = factored(numerator, denominator, field)
    if len(numerator) + len(denominator) > MOST_EXPANDED:
        return product
    best, length = product, product.count_ops()

    def others() -> Iterator[sympy.Expr]:
        """What may be shorter."""
        turned = _turned(numerator, denominator, field)
        products = [product] if turned is None else [product, factored(*turned)]
        yield from products[1:]
        yield from (spread for spread, one in zip(map(_spread, products), products, strict=True) if spread is not one)
        # Each term but the first is an addition.
        if length > len(numerator) + len(denominator) - 2:
            yield field.expression(numerator, denominator)

    for form in others():
        count = form.count_ops()
        if count < length:
            best, length = form, count
    # exp(lam*(z - 1)), of which exp(lam*z) is a generator, is no exp(lam*z - lam).
    sums = {e: sympy.exp(sympy.factor_terms(e.exp)) for e in best.atoms(sympy.exp) if e.exp.is_Add}
    return best.xreplace(sums) if sums else best


def _spread(product: sympy.Expr) -> sympy.Expr:
    """A product with the fraction in front multiplied into its first sum, where most terms of that are then whole."""
    import sympy

    number, rest = product.as_coeff_Mul(rational=True)
    first = next((part for part in sympy.Mul.make_args(rest) if part.is_Add), None)
    if number.is_Integer or first is None:
        return product
    terms = [number * term for term in first.args]
    whole = sum(term.as_coeff_Mul(rational=True)[0].is_Integer for term in terms)
    return sympy.Add(*terms) * (rest / first) if 2 * whole > len(terms) else product


def _turned(
    numerator: flint.fmpz_mpoly, denominator: flint.fmpz_mpoly, field: Field
) -> tuple[flint.fmpz_mpoly, flint.fmpz_mpoly, Field] | None:
    """The same quotient in exp(-lam) for exp(lam), where powers of this are all that is below; None of others."""
    import sympy

    places = [i for i, g in enumerate(field.generators) if g.func is sympy.exp]
    if not places or numerator.is_zero() or len(denominator) > 1 or not any(denominator.degrees()[i] for i in places):
        return None
    generators = tuple(1 / g if i in places else g for i, g in enumerate(field.generators))
    most = [max(int(n), int(d)) for n, d in zip(numerator.degrees(), denominator.degrees(), strict=True)]
    sides = (
        field.ring.from_dict(
            {
                tuple(most[i] - int(e) if i in places else int(e) for i, e in enumerate(powers)): c
                for powers, c in side.to_dict().items()
            }
        )
        for side in (numerator, denominator)
    )
    top, bottom = sides
    return top, bottom, Field(generators, field.algebraic)


def tidy(value: sympy.Expr) -> sympy.Expr:
    """A value as one quotient, in factors where that is shorter; as it is where a sum or case is in it, or it is long.

    One form for equal values, unless how a value came to be is shorter than both.
    """
    import sympy

    if value.is_Atom or value.has(sympy.Sum, sympy.Piecewise, sympy.Float, sympy.I) or value.count_ops() > LONGEST:
        return value
    found = told(value)
    forms = [value, sympy.factor_terms(value)] if value.is_Add else [value]
    shortest = min(forms, key=lambda form: form.count_ops())
    return shortest if shortest.count_ops() + SAVED <= found.count_ops() else found
