"""`law_suite`: a class for pytest with a test for each law that an operation claims."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from distconv.errors import DistconvTypeError
from distconv.monoids import add
from distconv.testing.algebras import laws_on
from distconv.testing.checking import chosen_laws, on_laws, tally, tried
from distconv.testing.drawing import distributions, generic_law
from distconv.testing.elements import Element
from distconv.testing.equations import Equation
from distconv.testing.evidence import Evidence
from distconv.testing.operation import UNKNOWN, Operation, OperationLike, read_operation

if TYPE_CHECKING:
    from hypothesis import settings as Settings  # noqa: N812 - it is a class
    from hypothesis.strategies import SearchStrategy

#: Most elements of a finite monoid for which laws with a letter for each probability are convolved: all laws at once.
MOST_GENERIC = 3
#: What a test tells pytest its evidence under; `distconv.pytest_plugin` sums these up.
PROPERTY = "distconv law"


def law_suite(
    operation: OperationLike = add,
    strategy: SearchStrategy[Any] | None = None,
    *,
    triples: SearchStrategy[Any] | None = None,
    commutative: bool | None = None,
    identity: Element = UNKNOWN,
    inverse: Callable[[Any], Any] | None = None,
    image: Callable[[Any], Any] | None = None,
    into: OperationLike | None = None,
    only: Iterable[str] | None = None,
    skip: Iterable[str] = (),
    rtol: float = 1e-9,
    settings: Settings | None = None,
) -> type:
    """A class of tests for pytest, one for each law that an operation claims: give it a name that begins with Test.

    Each test draws triples from the strategy and fails, with the smallest triple found, where a law breaks. What it was
    worth stands at the end of pytest's report: proved, or checked on so many cases. A finite monoid is proved on all of
    its elements; of up to 3 elements, by algebra on all laws, with a letter for each probability.

    Args:
        operation: a `Monoid` on outcomes, or a function of two values of your own.
        strategy: draws distributions, or values of your own, each of which fits the others; left out, `laws_on` of the
            monoid.
        triples: draws three values at once, in place of `strategy`: ``laws(3, ndim=None)``.
        commutative, identity, inverse, image, into, only, skip, rtol: as in `assert_laws`.
        settings: Hypothesis' own, ``settings(max_examples=1000)``; left out, those of the profile without a deadline.

    >>> import math
    >>> from distconv.monoids import Monoid
    >>> from distconv.testing import distributions, law_suite
    >>> TestGcd = law_suite(Monoid(math.gcd, 0, name="gcd"), distributions(outcomes=range(12)))
    >>> [name for name in dir(TestGcd) if name.startswith("test")]
    ['test_associative', 'test_commutative', 'test_copies', 'test_identity', 'test_mixtures']
    """
    from hypothesis import strategies as st

    op = read_operation(operation, commutative=commutative, identity=identity, inverse=inverse, image=image, into=into)
    if strategy is not None and triples is not None:
        raise DistconvTypeError("strategy= draws single values, triples= three at once; give one of them")
    if triples is None:
        one = _usual(op) if strategy is None else strategy
        triples = st.tuples(one, one, one)
    laws = chosen_laws(op, only, skip)
    if op.monoid is not None and op.monoid.way in ("add", "pairs"):
        # Nothing else to compare with.
        laws = [law for law in laws if law.name != "pairs"]
    tests = {
        f"test_{law.name.replace(' ', '_').replace('-', '_')}": _test(law, op, triples, rtol, settings) for law in laws
    }
    for name, test in tests.items():
        test.__name__ = name
    return type(f"Laws of {op.name}", (), {"__doc__": f"The laws of {op.name}.", **tests})


def _usual(op: Operation) -> SearchStrategy[Any]:
    """Laws on which a monoid is defined."""
    if op.monoid is None:
        raise DistconvTypeError(
            f"law_suite({op.name}, ...) needs a strategy for its values: law_suite({op.name}, st.integers())"
        )
    is_known = op.monoid.elements is not None or op.monoid.way != "pairs"
    return laws_on(op.monoid, kind="exact") if is_known else distributions(outcomes=range(10))


def _test(
    law: Equation, op: Operation, triples: SearchStrategy[Any], rtol: float, settings: Settings | None
) -> Callable[..., None]:
    """The test of one law."""
    from hypothesis import given
    from hypothesis import settings as settings_of

    def test(_self: object, record_property: Callable[[str, object], None]) -> None:
        __tracebackhide__ = True
        found: list[Sequence[Evidence]] = []

        # The first example may load sympy, which takes longer than any deadline.
        @(settings or settings_of(deadline=None))
        @given(triples)
        def holds(triple: Sequence[Any]) -> None:
            __tracebackhide__ = True
            found.append(tried(law, op, tuple(triple), rtol))

        # What Hypothesis remembers of failures goes by the name.
        holds.__name__ = f"{law.name} of {op.name}"
        proof = _for_all_laws(law, op, rtol)
        holds()
        evidence = [*tally(found), *([] if proof is None else [proof])]
        if not any(e.cases for e in evidence):
            import pytest

            reason = evidence[0].how if evidence else "it says nothing of what was drawn"
            pytest.skip(f"{law.name}: not asked, {reason}")
        for e in evidence:
            record_property(PROPERTY, f"{op.name}: {e}")

    test.__doc__ = law.statement
    return test


def _for_all_laws(law: Equation, op: Operation, rtol: float) -> Evidence | None:
    """A law on all laws of random elements of a small monoid at once; None where there are too many elements."""
    __tracebackhide__ = True
    elements = None if op.monoid is None else op.monoid.elements
    if elements is None or not 1 < len(elements) <= MOST_GENERIC:
        return None
    triple = tuple(generic_law(elements, letter) for letter in "abc")
    found = on_laws(law, op, triple, rtol)
    if found is None or not found.proved:
        return None
    return Evidence(law.name, "laws", True, 1, f"by algebra, for all laws on its {len(elements)} elements")
