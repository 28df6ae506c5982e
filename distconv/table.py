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
from distconv.numbers.letters import is_expression
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

#: Outcomes that are expressions, which have no lattice, are named in a summary up to so many.
FEW_OUTCOMES = 4

WORDS = "fraction, decimal, percent, odds, atleast, atmost, bars, nobars, rows=N, all"


def summary(X: Distribution) -> str:
    """One line: how many outcomes, from where to where, exact or floating with its bound, mean and sd.

    >>> from distconv import Die
    >>> Die(6) + Die(6)
    Distribution(11 outcomes 2..12, exact, mean 7, sd 2.415)
    """
    told = X.law.summary()
    if told is not None:
        return told
    cache = X.law.memory
    if "summary" not in cache:
        try:
            cache["summary"] = _summary(X)
        except SizeLimitError:
            # A summary is never refused.
            cache["summary"] = "too many outcomes to lay out"
    line = cache["summary"]
    name = X.law.name()
    return f"Distribution({line})" if name is None else f"{name}: {line}"


def _summary(X: Distribution) -> str:
    """What the summary tells, but for the name; of infinite laws only what needs no window of their outcomes."""
    if X.kind == "symbolic":
        return _symbolic_summary(X)
    parts = [_extent(X), X.kind]
    if X.is_finite:
        if X.error:
            parts.append(f"error <= {numbers.rounded_up(X.error)}")
        if X.missing:
            parts.append(f"missing <= {numbers.rounded_up(X.missing)}")
    if X.missing > NEGLIGIBLE:
        return ", ".join(parts)
    try:
        mean: Any = X.mean()
        sd: Any = X.std()
    except (OverflowError, SizeLimitError):
        # Beyond the range of a double, or of a law that is known by its window alone: a summary is never refused.
        return ", ".join(parts)
    if X.ndim > 1:
        parts.append(f"mean ({', '.join(map(numbers.general, mean))})")
        parts.append(f"sd ({', '.join(map(numbers.general, sd))})")
    else:
        parts.append(f"mean {numbers.general(mean, 6)}")
        parts.append(f"sd {numbers.general(sd)}")
    return ", ".join(parts)


def _symbolic_summary(X: Distribution) -> str:
    """How many outcomes, which letters, and the mean where it is short."""
    letters = f" in {', '.join(sorted(map(str, X.letters)))}" if X.letters else ""
    if X.missing > NEGLIGIBLE:
        # How much of it depends on the letters.
        total = str(X.law.measure.weights.total())
        return f"{_extent(X)}, symbolic{letters}" + (f", total {total}" if len(total) <= LONGEST_EXPRESSION else "")
    mean: Any = X.mean()
    shown = str(mean) if X.ndim == 1 else f"({', '.join(map(str, mean))})"
    return f"{_extent(X)}, symbolic{letters}" + (f", mean {shown}" if len(shown) <= LONGEST_EXPRESSION else "")


def _extent(X: Distribution) -> str:
    """How many outcomes, from where to where."""
    space = f"{X.ndim}-D, " if X.ndim > 1 else ""
    if not X.is_finite:
        ends = ("" if end is None else _shown(end) for end in (X.law.low, X.law.high))
        return f"{space}outcomes {'..'.join(ends)}"
    if X.law.has_gaps():
        box = X.law.box()
        return f"{space}outcomes {_shown(as_outcome(box.origin))}..{_shown(as_outcome(box.high))}"
    count = X.support.size
    if X.law.spelled() is not None:
        shown = [_shown(x) for x in X.support[:FEW_OUTCOMES]]
        return f"{space}{count} outcome{'s' * (count > 1)} {', '.join(shown)}{', ...' * (count > FEW_OUTCOMES)}"
    if X.ndim > 1:
        box = X.law.measure.box
        low, high = as_outcome(box.origin), as_outcome(box.high)
    else:
        low, high = X.support[0], X.support[-1]
    if count == 1:
        return f"{space}1 outcome {_shown(low)}"
    return f"{space}{count} outcomes {_shown(low)}..{_shown(high)}"


def _shown(outcome: Outcome) -> str:
    """An outcome as people write it: fractions as 1/2, vectors in brackets."""
    return f"({', '.join(map(_written, outcome))})" if isinstance(outcome, tuple) else _written(outcome)


def _written(x: Any) -> str:
    """A coordinate: an expression as sympy writes it; a `Ratio` shows numbers of any length."""
    return str(x) if is_expression(x) else str(Ratio(x))


@dataclass(frozen=True, slots=True)
class Spec:
    """What a table shows: its number columns, whether bars, and how many rows (None for all)."""

    columns: tuple[tuple[str, Callable[..., str]], ...]
    sides: tuple[str, ...]
    bars: bool
    rows: int | None


def read_spec(X: Distribution, spec: str) -> Spec:
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
            if X.ndim > 1:
                raise DimensionError(f"{word} is for 1-D laws, this one is {X.ndim}-D; use X.marginal(0)")
            sides.append(word)
        elif word in ("bars", "nobars"):
            bars = word == "bars"
        elif word == "all":
            rows = None
        elif word.startswith("rows=") and word[5:].isdecimal() and int(word[5:]) > 0:
            rows = int(word[5:])
        else:
            raise DistconvValueError(f"format of a law: unknown word {word!r}; there are {WORDS}")
    return Spec(tuple(columns), tuple(sides), bars, rows)


def _with_digits(column: Callable[..., str], digits: str) -> Callable[..., str]:
    return (lambda p, log: column(p, log, int(digits))) if digits else column


def _default_columns(X: Distribution) -> tuple[tuple[str, Callable[..., str]], ...]:
    """Fractions and percents where fractions are short, else decimals."""
    if X.kind == "exact" and X.is_finite and X.support.size <= MOST_FRACTIONS:
        spelled = X.law.spelled()
        weights: Any = (X.law if spelled is None else spelled[0]).measure.weights
        if weights.denominator.bit_length() > SHORT_BITS:
            return (("decimal", numbers.decimal),)
        return (("fraction", numbers.fraction), ("percent", numbers.percent))
    return (("decimal", numbers.decimal),)


@dataclass(frozen=True, slots=True)
class Rows:
    """The outcomes to show, None where some are left out, with how many; and a line that tells what is beyond."""

    outcomes: list[tuple[Outcome | None, int]]
    beyond: str


def chosen_rows(X: Distribution, limit: int | None) -> Rows:
    """The outcomes around the mode, and a few at both ends, with the gaps between them counted."""
    beyond = ""
    if X.is_finite:
        outcomes = X.support
    elif X.ndim > 1:
        outcomes = lookup.support_of(X.law.measure)
        beyond = f"further outcomes without end: together at most {numbers.rounded_up(X.missing)}"
    else:
        outcomes = X.law.listed(X.ppf(SHOWN_TAIL / 2), X.isf(SHOWN_TAIL / 2))
        beyond = f"further outcomes without end: together less than {float(SHOWN_TAIL):g}"
    count = outcomes.size
    if limit is None or count <= limit:
        return Rows([(outcomes[i], 0) for i in range(count)], beyond)
    ends = min(ENDS, limit // 4)
    inner = limit - 2 * ends
    middle = outcomes.rank(_middle(X))
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


def cells(X: Distribution, spec: Spec) -> tuple[list[str], list[list[str]], list[float], str]:
    """(headings, rows of text, the probability of each row relative to the largest, the line below)."""
    if X.kind == "symbolic":
        return _symbolic_cells(X, spec)
    rows = chosen_rows(X, spec.rows)
    columns = spec.columns or _default_columns(X)
    headings = ["outcome", *(name for name, _ in columns)]
    headings += [{"atleast": "P(X >= x)", "atmost": "P(X <= x)"}[side] for side in spec.sides]
    logs = {x: float(X.logpmf(x)) for x, _ in rows.outcomes if x is not None}
    top = max(logs.values())
    table: list[list[str]] = []
    sizes: list[float] = []
    for outcome, left_out in rows.outcomes:
        if outcome is None:
            table.append([f"... {left_out:,} more ..."])
            sizes.append(0.0)
            continue
        p, log = X.pmf(outcome), logs[outcome]
        row = [_shown(outcome), *(column(p, log) for _, column in columns)]
        for side in spec.sides:
            total, log_total = _side(X, outcome, side)
            row.append(columns[0][1](total, log_total))
        table.append(row)
        sizes.append(math.exp(log - top))
    return headings, table, sizes, rows.beyond


def _symbolic_cells(X: Distribution, spec: Spec) -> tuple[list[str], list[list[str]], list[float], str]:
    """The rows of a law of expressions: no bars, long ones factored or cut; numbers in decimals, too, where long."""
    outcomes = list(X.support)
    limit = len(outcomes) if spec.rows is None else spec.rows
    ends = (outcomes[: limit // 2], outcomes[-(limit - limit // 2) :]) if len(outcomes) > limit else (outcomes, [])
    # Letters have no decimals; the 1 that stands for them is not shown.
    told = [[(_shown(x), _cut(p), 1.0 if X.letters else float(p)) for x in end for p in [X.pmf(x)]] for end in ends]
    columns = () if X.letters else spec.columns
    if not X.letters and any(len(text) > numbers.LONGEST_FRACTION for end in told for _, text, _ in end):
        columns = columns or (("decimal", numbers.decimal),)

    def row(outcome: str, text: str, p: float) -> list[str]:
        return [outcome, text, *(column(p, math.log(p)) for _, column in columns)]

    table = [row(*entry) for entry in told[0]]
    if len(outcomes) > limit:
        table.append([f"... {len(outcomes) - limit:,} more ..."])
        table.extend(row(*entry) for entry in told[1])
    return ["outcome", "probability", *(name for name, _ in columns)], table, [0.0] * len(table), ""


def _cut(expression: Any) -> str:
    """An expression as text, factored where that is shorter, cut where it is long."""
    text = str(expression)
    if len(text) > LONGEST_EXPRESSION and len(text) < 5000:
        import sympy

        text = min(text, str(sympy.factor(expression)), key=len)
    return text if len(text) <= LONGEST_EXPRESSION else f"{text[: LONGEST_EXPRESSION - 4]} ..."


def _middle(X: Distribution) -> Outcome:
    """The outcome of the largest probability that is known."""
    if not (X.missing if X.is_finite else X.law.lost):
        return X.mode()
    measure = X.law.measure
    return as_outcome(measure.support.vector(measure.weights.heaviest()))


def _side(X: Distribution, x: Any, side: str) -> tuple[Any, Any]:
    """P(X <= x) or P(X >= x), and its log; the least it can be where mass is missing."""
    if side == "atmost":
        return X.cdf(x), X.logcdf(x)
    below = x - X.law.spacing() / Fraction(2)
    if X.missing > NEGLIGIBLE:
        return beside(X.law.measure, below, "sf"), log_beside(X.law.measure, below, "sf")
    return X.sf(below), X.logsf(below)


def text(X: Distribution, spec: str = "") -> str:
    """A table: one row for each outcome, its probability and a bar; long ones are cut, and say how much.

    >>> from distconv import Bernoulli
    >>> print(Bernoulli("1/4"))
    Bernoulli(1/4): 2 outcomes 0..1, exact, mean 0.25, sd 0.433
    outcome  fraction  percent
          0       3/4  75.00 %  ██████████████████████████████
          1       1/4  25.00 %  ██████████
    """
    told = X.law.summary()
    if told is not None:
        return told
    try:
        meaning = read_spec(X, spec)
        headings, table, sizes, beyond = cells(X, meaning)
    except (SizeLimitError, AccuracyError, OverflowError) as reason:
        # Printing never fails: what cannot be laid out is said.
        return f"{summary(X)}\nno table: {reason}"
    widths = [max(len(heading), *(len(row[i]) for row in table if len(row) > 1)) for i, heading in enumerate(headings)]
    lines = [summary(X), "  ".join(h.rjust(w) for h, w in zip(headings, widths, strict=True))]
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


def formatted(X: Distribution, spec: str) -> str:
    """``format(law, spec)``; see `read_spec` for the words, e.g. ``f"{X:percent.1,atleast}"``."""
    return text(X, spec)


def html(X: Distribution) -> str | None:
    """The table for notebooks: self-contained, every text escaped; None for laws with letters, which are typeset."""
    from html import escape

    if X.kind == "symbolic":
        return None
    headings, table, sizes, beyond = cells(X, read_spec(X, ""))
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
        f"<div><p><code>{escape(summary(X))}</code></p>"
        f"<table><thead><tr>{head}<th></th></tr></thead><tbody>{''.join(body)}</tbody></table>{foot}</div>"
    )
