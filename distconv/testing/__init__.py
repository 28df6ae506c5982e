"""A kit for tests: Hypothesis strategies for laws and monoids, laws of algebra by name, and what differs where.

Needs Hypothesis for the strategies (``pip install "distconv[test]"``). With pytest, ``assert X == Y`` of two laws is
explained, too.
"""

from distconv.testing.agreement import agreement
from distconv.testing.algebras import laws_on, monoids, monoids_with_laws
from distconv.testing.checking import assert_law, assert_laws
from distconv.testing.differences import assert_close, differences
from distconv.testing.drawing import distributions, generic_law, laws
from distconv.testing.equations import EQUATIONS
from distconv.testing.evidence import Evidence, Report
from distconv.testing.named import families, families_with_letters, mixtures
from distconv.testing.registration import register
from distconv.testing.signed import kernels
from distconv.testing.stepping import walks
from distconv.testing.suite import law_suite

#: The laws of algebra by name, and what each says.
LAWS: dict[str, str] = {law.name: law.statement for law in EQUATIONS.values()}

register()

__all__ = [
    "LAWS",
    "Evidence",
    "Report",
    "agreement",
    "assert_close",
    "assert_law",
    "assert_laws",
    "differences",
    "distributions",
    "families",
    "families_with_letters",
    "generic_law",
    "kernels",
    "law_suite",
    "laws",
    "laws_on",
    "mixtures",
    "monoids",
    "monoids_with_laws",
    "walks",
]
