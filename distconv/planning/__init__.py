"""What a computation costs, before it starts: plans, limits, and the choice among the methods."""

from distconv.planning import costs
from distconv.planning.announcing import announced, announced_once
from distconv.planning.choosing import (
    check_patience,
    names,
    plan_convolution,
    plan_copies,
    plan_kept,
    plan_last_product,
    planned,
)
from distconv.planning.limits import (
    ROUND,
    check_cells,
    check_product,
    check_sum,
    past_exact,
    size_error,
    stays_exact,
    sum_error,
)
from distconv.planning.operations import (
    plan_asked,
    plan_compound,
    plan_given_sum,
    plan_mixture,
    plan_posterior,
    plan_stay,
)
from distconv.planning.outline import Outline
from distconv.planning.plan import How, Origin, Plan, after, human_bytes
from distconv.planning.registry import BOXES, COPIES, PAIRS, Method
from distconv.planning.tasks import Copies, Pair, Patch

__all__ = [
    "BOXES",
    "COPIES",
    "PAIRS",
    "ROUND",
    "Copies",
    "How",
    "Method",
    "Origin",
    "Outline",
    "Pair",
    "Patch",
    "Plan",
    "after",
    "announced",
    "announced_once",
    "check_cells",
    "check_patience",
    "check_product",
    "check_sum",
    "costs",
    "human_bytes",
    "names",
    "past_exact",
    "plan_asked",
    "plan_compound",
    "plan_convolution",
    "plan_copies",
    "plan_given_sum",
    "plan_kept",
    "plan_last_product",
    "plan_mixture",
    "plan_posterior",
    "plan_stay",
    "planned",
    "size_error",
    "stays_exact",
    "sum_error",
]
