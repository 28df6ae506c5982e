"""Laws as text: one line for `repr`, a table with bars for `print` and `format`, HTML for notebooks."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from distconv import number_format as numbers
from distconv.errors import AccuracyError, DimensionError, DistconvValueError, SizeLimitError
from distconv.measure import lookup
from distconv.missing import NEGLIGIBLE
from distconv.queries.probabilities import beside, log_beside
from distconv.ratio import Ratio
from distconv.support.outcomes import as_outcome

if TYPE_CHECKING:
    from distconv.distribution import Distribution
    from distconv.typing import Outcome

#: Rows of a table that is not cut.
ROWS = 40
#: Rows of a cut table that are kept for each end of the support; the others stand around the mode.
ENDS = 3
#: Width of the longest bar, in characters.
BAR_WIDTH = 30
#: Parts of a block, in eighths.
EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
#: Infinite laws are shown between the quantiles that leave this much out on both sides together.
SHOWN_TAIL = Fraction(1, 10**6)
#: Exact fractions stand beside percents where the law's common denominator has at most so many bits.
SHORT_BITS = 48

#: Outcomes of a law past which fractions are not looked for.
MOST_FRACTIONS = 1 << 16
#: Longest expression, in characters, that stands in a table.
LONGEST_EXPRESSION = 60

WORDS = "fraction, decimal, percent, odds, atleast, atmost, bars, nobars, rows=N, all"


def summary(law: Distribution) -> str:
    """One line: how many outcomes, from where to where, exact or floating with its bound, mean and sd.

    >>> from distconv import Die
    >>> Die(6) + Die(6)
    Distribution(11 outcomes 2..12, exact, mean 7, sd 2.415)
    """
    cache = law._cache
    if "summary" not in cache:
        try:
            cache["summary"] = _summary(law)
        except SizeLimitError:
            # A summary is never refused.
            cache["summary"] = "too many outcomes to lay out"
    line = cache["summary"]
    name = getattr(law, "_name", None)
    return f"Distribution({line})" if name is None else f"{name()}: {line}"


def _summary(law: Distribution) -> str:
    """What the summary tells, but for the name; of infinite laws only what needs no window of their outcomes."""
    if law.kind == "symbolic":
        return _symbolic_summary(law)
    parts = [_extent(law), law.kind]
    if law.is_finite:
        if law.error:
            parts.append(f"error <= {numbers.rounded_up(law.error)}")
        if law.missing:
            parts.append(f"missing <= {numbers.rounded_up(law.missing)}")
    if law.missing > NEGLIGIBLE:
        return ", ".join(parts)
    try:
        mean: Any = law.mean()
        sd: Any = law.std()
    except (OverflowError, SizeLimitError):
        # Beyond the range of a double, or of a law that is known by its window alone: a summary is never refused.
        return ", ".join(parts)
    if law.ndim > 1:
        parts.append(f"mean ({', '.join(map(numbers.general, mean))})")
        parts.append(f"sd ({', '.join(map(numbers.general, sd))})")
    else:
        parts.append(f"mean {numbers.general(mean, 6)}")
        parts.append(f"sd {numbers.general(sd)}")
    return ", ".join(parts)


def _symbolic_summary(law: Distribution) -> str:
    """How many outcomes, which letters, and the mean where it is short."""
    letters = ", ".join(sorted(map(str, law.letters)))
    mean: Any = law.mean()
    shown = str(mean) if law.ndim == 1 else f"({', '.join(map(str, mean))})"
    return f"{_extent(law)}, symbolic in {letters}" + (f", mean {shown}" if len(shown) <= LONGEST_EXPRESSION else "")


def _extent(law: Distribution) -> str:
    """How many outcomes, from where to where."""
    if not law.is_finite:
        endless: Any = law
        low, high = endless.low, endless.high
        return f"outcomes {'' if low is None else low}..{'' if high is None else high}"
    count = law.support.size
    space = f"{law.ndim}-D, " if law.ndim > 1 else ""
    if law.ndim > 1:
        box = law._measure.box
        low, high = as_outcome(box.origin), as_outcome(box.high)
    else:
        low, high = law.support[0], law.support[-1]
    if count == 1:
        return f"{space}1 outcome {_shown(low)}"
    return f"{space}{count} outcomes {_shown(low)}..{_shown(high)}"


def _shown(outcome: Outcome) -> str:
    """An outcome as people write it: fractions as 1/2, vectors in brackets."""
    # A `Ratio` shows numbers of any length.
    return f"({', '.join(str(Ratio(x)) for x in outcome)})" if isinstance(outcome, tuple) else str(Ratio(outcome))


@dataclass(frozen=True, slots=True)
class Spec:
    """What a table shows: its number columns, whether bars, and how many rows (None for all)."""

    columns: tuple[tuple[str, Callable[..., str]], ...]
    sides: tuple[str, ...]
    bars: bool
    rows: int | None


def read_spec(law: Distribution, spec: str) -> Spec:
    """The meaning of a format specification: words separated by commas or spaces.

    ``fraction``, ``decimal`` (``decimal.4``: significant digits), ``percent`` (``percent.1``: places), ``odds``;
    ``atleast``, ``atmost``; ``bars``, ``nobars``; ``rows=20``, ``all``.

    Raises:
        DistconvValueError: an unknown word.
        DimensionError: ``atleast`` or ``atmost`` of vectors.
    """
    columns: list[tuple[str, Callable[..., str]]] = []
    sides: list[str] = []
    bars = True
    rows: int | None = ROWS
    for word in spec.replace(",", " ").split():
        name, _, digits = word.partition(".")
        if name in ("fraction", "odds") and not digits:
            columns.append((name, getattr(numbers, name)))
        elif name in ("decimal", "percent") and (not digits or digits.isdecimal()):
            columns.append((name, _with_digits(getattr(numbers, name), digits)))
        elif word in ("atleast", "atmost"):
            if law.ndim > 1:
                raise DimensionError(f"{word} is for 1-D laws, this one is {law.ndim}-D; use X.marginal(0)")
            sides.append(word)
        elif word in ("bars", "nobars"):
            bars = word == "bars"
        elif word == "all":
            rows = None
        elif word.startswith("rows=") and word[5:].isdecimal() and int(word[5:]) > 0:
            rows = int(word[5:])
        else:
            raise DistconvValueError(f"format of a law: unknown word {word!r}; there are {WORDS}")
    return Spec(tuple(columns) or _default_columns(law), tuple(sides), bars, rows)


def _with_digits(column: Callable[..., str], digits: str) -> Callable[..., str]:
    return (lambda p, log: column(p, log, int(digits))) if digits else column


def _default_columns(law: Distribution) -> tuple[tuple[str, Callable[..., str]], ...]:
    """Fractions and percents where fractions are short, else decimals."""
    if law.kind == "exact" and law.is_finite and law.support.size <= MOST_FRACTIONS:
        weights: Any = law._measure.weights
        if weights.denominator.bit_length() > SHORT_BITS:
            return (("decimal", numbers.decimal),)
        return (("fraction", numbers.fraction), ("percent", numbers.percent))
    return (("decimal", numbers.decimal),)


@dataclass(frozen=True, slots=True)
class Rows:
    """The outcomes to show, None where some are left out, with how many; and a line that tells what is beyond."""

    outcomes: list[tuple[Outcome | None, int]]
    beyond: str


def chosen_rows(law: Distribution, limit: int | None) -> Rows:
    """The outcomes around the mode, and a few at both ends, with the gaps between them counted."""
    endless: Any = law
    beyond = ""
    if law.is_finite:
        outcomes = law.support
    elif law.ndim > 1:
        outcomes = lookup.support_of(law._measure)
        beyond = f"further outcomes without end: together at most {numbers.rounded_up(law.missing)}"
    else:
        outcomes = endless._listed(law.ppf(SHOWN_TAIL / 2), law.isf(SHOWN_TAIL / 2))
        beyond = f"further outcomes without end: together less than {float(SHOWN_TAIL):g}"
    count = outcomes.size
    if limit is None or count <= limit:
        return Rows([(outcomes[i], 0) for i in range(count)], beyond)
    ends = min(ENDS, limit // 4)
    inner = limit - 2 * ends
    middle = outcomes.rank(_middle(law))
    start = min(max(middle - inner // 2, 0), count - inner)
    kept = sorted({*range(ends), *range(start, start + inner), *range(count - ends, count)})
    rows: list[tuple[Outcome | None, int]] = []
    previous = -1
    for index in kept:
        if index > previous + 1:
            rows.append((None, index - previous - 1))
        rows.append((outcomes[index], 0))
        previous = index
    return Rows(rows, beyond)


def cells(law: Distribution, spec: Spec) -> tuple[list[str], list[list[str]], list[float], str]:
    """(headings, rows of text, the probability of each row relative to the largest, the line below)."""
    if law.kind == "symbolic":
        return _symbolic_cells(law, spec)
    rows = chosen_rows(law, spec.rows)
    headings = ["outcome", *(name for name, _ in spec.columns)]
    headings += [{"atleast": "P(X >= x)", "atmost": "P(X <= x)"}[side] for side in spec.sides]
    logs = {x: float(law.logpmf(x)) for x, _ in rows.outcomes if x is not None}
    top = max(logs.values())
    table: list[list[str]] = []
    sizes: list[float] = []
    for outcome, left_out in rows.outcomes:
        if outcome is None:
            table.append([f"... {left_out:,} more ..."])
            sizes.append(0.0)
            continue
        p, log = law.pmf(outcome), logs[outcome]
        row = [_shown(outcome), *(column(p, log) for _, column in spec.columns)]
        for side in spec.sides:
            total, log_total = _side(law, outcome, side)
            row.append(spec.columns[0][1](total, log_total))
        table.append(row)
        sizes.append(math.exp(log - top))
    return headings, table, sizes, rows.beyond


def _symbolic_cells(law: Distribution, spec: Spec) -> tuple[list[str], list[list[str]], list[float], str]:
    """The rows of a law with letters: no bars, long expressions factored or cut."""
    outcomes = list(law.support)
    limit = len(outcomes) if spec.rows is None else spec.rows
    ends = (outcomes[: limit // 2], outcomes[-(limit - limit // 2) :]) if len(outcomes) > limit else (outcomes, [])
    table: list[list[str]] = [[_shown(x), _cut(law.pmf(x))] for x in ends[0]]
    if len(outcomes) > limit:
        table.append([f"... {len(outcomes) - limit:,} more ..."])
        table.extend([_shown(x), _cut(law.pmf(x))] for x in ends[1])
    return ["outcome", "probability"], table, [0.0] * len(table), ""


def _cut(expression: Any) -> str:
    """An expression as text, factored where that is shorter, cut where it is long."""
    text = str(expression)
    if len(text) > LONGEST_EXPRESSION and len(text) < 5000:
        import sympy

        text = min(text, str(sympy.factor(expression)), key=len)
    return text if len(text) <= LONGEST_EXPRESSION else f"{text[: LONGEST_EXPRESSION - 4]} ..."


def _middle(law: Distribution) -> Outcome:
    """The outcome of the largest probability that is known."""
    endless: Any = law
    if not (law.missing if law.is_finite else endless._lost):
        return law.mode()
    measure = law._measure
    return as_outcome(measure.support.vector(lookup.heaviest(measure.weights)))


def _side(law: Distribution, x: Any, side: str) -> tuple[Any, Any]:
    """P(X <= x) or P(X >= x), and its log; the least it can be where mass is missing."""
    if side == "atmost":
        return law.cdf(x), law.logcdf(x)
    below = x - law._spacing() / Fraction(2)
    if law.missing > NEGLIGIBLE:
        return beside(law._measure, below, "sf"), log_beside(law._measure, below, "sf")
    return law.sf(below), law.logsf(below)


def text(law: Distribution, spec: str = "") -> str:
    """A table: one row for each outcome, its probability and a bar; long ones are cut, and say how much.

    >>> from distconv import Bernoulli
    >>> print(Bernoulli("1/4"))
    Bernoulli(1/4): 2 outcomes 0..1, exact, mean 0.25, sd 0.433
    outcome  fraction  percent
          0       3/4  75.00 %  ██████████████████████████████
          1       1/4  25.00 %  ██████████
    """
    try:
        meaning = read_spec(law, spec)
        headings, table, sizes, beyond = cells(law, meaning)
    except (SizeLimitError, AccuracyError, OverflowError) as reason:
        # Printing never fails: what cannot be laid out is said.
        return f"{summary(law)}\nno table: {reason}"
    widths = [max(len(heading), *(len(row[i]) for row in table if len(row) > 1)) for i, heading in enumerate(headings)]
    lines = [summary(law), "  ".join(h.rjust(w) for h, w in zip(headings, widths, strict=True))]
    for row, size in zip(table, sizes, strict=True):
        if len(row) == 1:
            lines.append(row[0])
            continue
        line = "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        lines.append(f"{line}  {bar(size)}".rstrip() if meaning.bars else line)
    return "\n".join([*lines, beyond] if beyond else lines)


def bar(size: float) -> str:
    """A bar of a length in proportion to `size` in [0, 1]; of # where the terminal has no blocks."""
    eighths = round(size * BAR_WIDTH * 8)
    try:
        "█▏".encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return "#" * round(eighths / 8)
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8]


def formatted(law: Distribution, spec: str) -> str:
    """``format(law, spec)``; see `read_spec` for the words, e.g. ``f"{X:percent.1,atleast}"``."""
    return text(law, spec)


def html(law: Distribution) -> str | None:
    """The table for notebooks: self-contained, every text escaped; None for laws with letters, which are typeset."""
    from html import escape

    if law.kind == "symbolic":
        return None
    headings, table, sizes, beyond = cells(law, read_spec(law, ""))
    head = "".join(f'<th style="text-align:right">{escape(h)}</th>' for h in headings)
    body = []
    for row, size in zip(table, sizes, strict=True):
        if len(row) == 1:
            span = len(headings) + 1
            body.append(f'<tr><td colspan="{span}" style="text-align:center">{escape(row[0])}</td></tr>')
            continue
        data = "".join(f'<td style="text-align:right">{escape(cell)}</td>' for cell in row)
        block = f"background:#0072b2;height:0.8em;width:{max(12 * size, 0.05):.2f}em"
        body.append(f'<tr>{data}<td style="text-align:left"><div style="{block}"></div></td></tr>')
    foot = f"<p>{escape(beyond)}</p>" if beyond else ""
    return (
        f"<div><p><code>{escape(summary(law))}</code></p>"
        f"<table><thead><tr>{head}<th></th></tr></thead><tbody>{''.join(body)}</tbody></table>{foot}</div>"
    )
