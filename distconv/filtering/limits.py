"""What a filter may take: refused past the limit of memory, announced where it takes long."""

from __future__ import annotations

from distconv import planning
from distconv.errors import SizeLimitError
from distconv.planning import Plan, human_bytes
from distconv.settings import current_settings


def allowed(plan: Plan, what: str, way_out: str) -> Plan:
    """The plan of work that is about to start.

    Raises:
        SizeLimitError: it would pass ``settings.max_bytes``.
    """
    limit = current_settings().max_bytes
    if plan.bytes > limit:
        raise SizeLimitError(
            f"{what} needs {plan.cells:,} cells ({human_bytes(plan.bytes)} > limit {human_bytes(limit)}); {way_out}, "
            f"or raise the limit: with distconv.settings(max_bytes={plan.bytes}): ..."
        )
    return planning.announced(plan)
