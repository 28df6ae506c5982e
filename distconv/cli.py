"""The command line: ``distconv "3d6 + 2" --at-least 7``."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import sys
import textwrap
import warnings
from fractions import Fraction
from pathlib import Path
from typing import IO, Any

import click

import distconv
from distconv import number_format as numbers
from distconv.errors import DistconvError, DistconvWarning
from distconv.laws.registry import FAMILIES
from distconv.measure.arranging import positive_cells
from distconv.notation import limits, read
from distconv.support.sequence import Outcomes
from distconv.words import NotationError

#: The words that `--format` takes.
FORMATS = ("table", "fractions", "percent", "json", "csv")
#: What `format` shows for each format of a table.
WORDS = {"table": "", "fractions": "fraction", "percent": "percent"}
#: The questions: the option, and its sign.
QUESTIONS = (("at_least", ">="), ("at_most", "<="), ("exactly", "="))
#: Blocks of the tables' bars.
BARS = re.compile("[█▉▊▋▌▍▎▏]+")

#: What stands at the end of the help.
EXAMPLES = f"""
\b
Examples:
  distconv "3d6 + 2"                    the whole law
  distconv "2@d6 - d4" --at-least 7     one answer
  distconv "4d6kh3" --format percent    the best three of four
  distconv "Poisson(10) @ d6"           a random number of dice
  distconv "100d6" --plot out.png       a picture
  distconv demo                         a tour

\b
n d s are n dice of s sides, n @ X is the sum of n copies of X, and * scales.
{textwrap.fill(f"Families: {', '.join(FAMILIES)}.", 78)}
"""


class Refused(click.ClickException):
    """An error with its caret, in colour where there is a terminal."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002 - click's signature
        """Writes the message to the standard error."""
        cause = self.__cause__
        reason = cause.reason if isinstance(cause, NotationError) else self.message
        click.echo(click.style("error: ", fg="red", bold=True) + reason, err=True, color=_colour())
        if isinstance(cause, NotationError):
            text, caret = cause.pointer().split("\n")
            click.echo(f"{text}\n{click.style(caret, fg='yellow', bold=True)}", err=True, color=_colour())


def _colour() -> bool | None:
    """No colours where NO_COLOR is set; else click sees whether there is a terminal."""
    return False if os.environ.get("NO_COLOR") else None


def _number(_: click.Context, parameter: click.Parameter, value: str | None) -> Fraction | None:
    """The number of an option: 7, 0.5 or 1/2."""
    if value is None:
        return None
    try:
        if len(value) > 30 or not re.fullmatch(r"[-+]?[\d./]+", value):
            raise ValueError
        return Fraction(value)
    except (ValueError, ZeroDivisionError):
        raise click.BadParameter(f"{value!r} is not a number like 7, 0.5 or 1/2", param=parameter) from None


@click.command(
    epilog=EXAMPLES, context_settings={"ignore_unknown_options": True, "max_content_width": 90}, no_args_is_help=True
)
@click.argument("expression", nargs=-1, required=True)
@click.option("--at-least", metavar="N", callback=_number, help="P(X >= N)")
@click.option("--at-most", metavar="N", callback=_number, help="P(X <= N)")
@click.option("--exactly", metavar="N", callback=_number, help="P(X = N)")
@click.option("--format", "style", type=click.Choice(FORMATS), help="how to write the law  [default: table]")
@click.option("--plot", "picture", type=click.Path(path_type=Path, dir_okay=False), help="save a picture, .png or .svg")
@click.option("--log", is_flag=True, help="draw log10 of the probabilities")
@click.version_option(distconv.__version__, prog_name="distconv")
def main(
    expression: tuple[str, ...], style: str | None, picture: Path | None, log: bool, **asked: Fraction | None
) -> None:
    """The law of a sum of independent random variables, exact where it is small.

    EXPRESSION is a sum such as "3d6 + 2"; the word demo gives a tour.
    """
    words = " ".join(expression)
    _no_option(expression)
    if words == "demo":
        _demo()
        return
    try:
        # What would take minutes is refused here: nobody waits for a shell to answer without a word.
        with limits(), warnings.catch_warnings():
            warnings.simplefilter("error", DistconvWarning)
            _run(words, style, picture, log, asked)
    except DistconvWarning as slow:
        predicted = str(slow).partition("; ")[0]
        raise Refused(f"{predicted}; in Python it is begun: distconv.notation.read({words!r})") from slow
    except DistconvError as refused:
        raise Refused(str(refused)) from refused


def _run(words: str, style: str | None, picture: Path | None, log: bool, asked: dict[str, Fraction | None]) -> None:
    """Reads, answers, writes, draws."""
    X = read(words)
    answers = {
        name: (sign, value, *_answer(X, name, value)) for name, sign in QUESTIONS if (value := asked[name]) is not None
    }
    if style in ("json", "csv"):
        click.echo(_data(X, words, answers) if style == "json" else _rows(X), nl=False)
    else:
        _show(X, style, answers)
    if picture is not None:
        _draw(X, words, picture, log)


def _no_option(words: tuple[str, ...]) -> None:
    """Refuses a misspelt option, which would else be read as a part of the sum."""
    for word in words:
        name = word.partition("=")[0]
        if re.match(r"--[A-Za-z]", name):
            options = [o for p in main.params for o in p.opts if o.startswith("--")]
            from difflib import get_close_matches

            raise click.NoSuchOption(name, possibilities=get_close_matches(name, options))


def _answer(X: Any, name: str, value: Fraction) -> tuple[Any, float]:
    """(a probability, its natural logarithm)."""
    if name == "exactly":
        return X.pmf(value), float(X.logpmf(value))
    if name == "at_most":
        return X.cdf(value), float(X.logcdf(value))
    # P(X >= x) is P(X > what is next below x).
    below = value - X.law.measure.box.step[0] / Fraction(2) if X.pmf(value) else value
    return X.sf(below), float(X.logsf(below))


def _show(X: Any, style: str | None, answers: dict[str, Any]) -> None:
    """The law as a table, where it is asked for or nothing else is; and the answers."""
    if style is not None or not answers:
        first, *rest = format(X, WORDS[style or "table"]).splitlines()
        click.secho(first, bold=True, color=_colour())
        for line in rest:
            click.echo(BARS.sub(lambda bar: click.style(bar[0], fg="blue"), line), color=_colour())
    else:
        click.secho(repr(X), bold=True, color=_colour())
    for sign, value, p, log in answers.values():
        parts = [numbers.fraction(p, log)] * isinstance(p, Fraction)
        parts += [numbers.decimal(p, log), numbers.percent(p, log)]
        click.echo(f"P(X {sign} {value}) = {' = '.join(dict.fromkeys(parts))}")


def _entry(p: Any, log: float) -> dict[str, Any]:
    """A probability for other programs: a double, its logarithm, which never underflows, and the fraction, if any."""
    entry: dict[str, Any] = {"probability": float(p), "log10": None if math.isinf(log) else log / math.log(10)}
    if isinstance(p, Fraction):
        entry["fraction"] = str(p)
    return entry


def _entries(X: Any) -> list[tuple[Any, dict[str, Any]]]:
    """All outcomes, of an infinite law those of its window."""
    outcomes = Outcomes(X.law.measure.box, positive_cells(X.law.measure))
    return [(x, _entry(X.pmf(x), float(X.logpmf(x)))) for x in outcomes]


def _data(X: Any, words: str, answers: dict[str, Any]) -> str:
    """The law and the answers as JSON."""
    found: dict[str, Any] = {
        "expression": words,
        "kind": X.kind,
        "error": X.error,
        "missing": X.missing,
        "mean": _double(X.mean()),
        "sd": _double(X.std()) if X.std() < math.inf else numbers.root_of(X.var()),
    }
    for name, (_, value, p, log) in answers.items():
        found[name] = {"x": _plain(value), **_entry(p, log)}
    found["law"] = [{"outcome": _plain(x), **entry} for x, entry in _entries(X)]
    return json.dumps(found, indent=1) + "\n"


def _double(value: Any) -> float | str:
    """A number for JSON: a double, as text where it is beyond them."""
    try:
        double = float(value)
    except OverflowError:
        return numbers.general(value)
    return double if math.isfinite(double) else str(double)


def _rows(X: Any) -> str:
    """The law as comma-separated values."""
    text = io.StringIO()
    entries = _entries(X)
    writer = csv.DictWriter(text, ["outcome", *entries[0][1]], lineterminator="\n")
    writer.writeheader()
    for x, entry in entries:
        writer.writerow({"outcome": _plain(x), **entry})
    return text.getvalue()


def _plain(x: Any) -> Any:
    """An outcome for JSON: an int where it is whole, else a fraction as text."""
    return int(x) if x == int(x) else str(x)


def _draw(X: Any, words: str, path: Path, log: bool) -> None:
    """Saves the picture."""
    from distconv.plot import plot

    axes = plot(X, log=log)
    axes.set_title(words if len(words) <= 60 else words[:57] + "...")
    try:
        axes.get_figure().savefig(path, dpi=150)  # type: ignore[union-attr]
    except (ValueError, OSError) as refused:
        raise click.BadParameter(str(refused), param_hint="--plot") from None
    click.echo(f"picture saved: {path}", err=True)


def _demo() -> None:
    """A tour in five steps: what is typed, and what comes of it."""
    steps = (
        ("A die and a die: the law of their sum, every probability a fraction.", ["2d6"]),
        ("Better than 9 with three dice and two more?", ["3d6 + 2", "--at-least", "10"]),
        ("The best three of four.", ["4d6kh3", "--exactly", "18"]),
        (
            "A hundred losses, or so, each from 1 to 50.",
            ["Poisson(100) @ Uniform(1, 50)", "--at-least", "4000"],
        ),
        ("The far tail is as right as the middle: a thousand dice.", ["1000d6", "--at-least", "5000"]),
    )
    for says, words in steps:
        typed = " ".join(f'"{w}"' if " " in w else w for w in words)
        click.secho(f"\n{says}", bold=True, color=_colour())
        click.secho(f"$ distconv {typed}", fg="green", color=_colour())
        main.main(words, standalone_mode=False)
    click.echo("\nYour turn: distconv --help")


if __name__ == "__main__":
    sys.exit(main())
