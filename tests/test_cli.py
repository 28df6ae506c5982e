"""The command line, by what it prints."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import distconv
from distconv import Die

testing = pytest.importorskip("click.testing")
from distconv.cli import main  # noqa: E402 - only where click is


def run(*words, **environment):
    return testing.CliRunner().invoke(main, list(words), env=environment)


def test_the_whole_law():
    done = run("3d6 + 2")
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[0] == "Distribution(16 outcomes 5..20, exact, mean 12.5, sd 2.958)"
    assert lines[2].split()[:3] == ["5", "1/216", "0.46"]
    assert len(lines) == 18


def test_words_need_no_quotes():
    assert run("3d6", "+", "2").output == run("3d6 + 2").output


def test_answers():
    done = run("2@d6 - d4", "--at-least", "7")
    assert done.output.splitlines()[1:] == ["P(X >= 7) = 17/72 = 0.236111 = 23.61 %"]
    done = run("3d6", "--at-most", "10", "--exactly", "18", "--at-least", "3")
    assert done.output.splitlines()[1:] == [
        "P(X >= 3) = 1 = 100.00 %",
        "P(X <= 10) = 1/2 = 0.5 = 50.00 %",
        "P(X = 18) = 1/216 = 0.00462963 = 0.46 %",
    ]


@pytest.mark.parametrize("x", ["6.5", "13/2"])
def test_at_least_what_lies_between(x):
    assert "= 7/12 =" in run("2d6", "--at-least", x).output


def test_the_far_tail():
    assert "7.70419e-21" in run("1000d6", "--at-least", "4000").output


def test_infinite_laws():
    done = run("Poisson(10) @ d6", "--at-least", "1")
    assert "P(X >= 1) = 0.999955" in done.output
    assert "further outcomes without end" in run("Poisson(3)").output


def test_formats():
    assert "percent" not in run("2d6", "--format", "fractions").output
    assert "fraction" not in run("2d6", "--format", "percent").output
    assert run("2d6", "--format", "table", "--exactly", "7").output.count("1/6") == 2


def test_json():
    found = json.loads(run("1/2 * 2d6", "--format", "json", "--at-least", "6").output)
    assert found["kind"] == "exact"
    assert found["mean"] == 3.5
    assert found["at_least"]["fraction"] == "1/36"
    assert [row["outcome"] for row in found["law"]][:3] == [1, "3/2", 2]
    assert sum(row["probability"] for row in found["law"]) == pytest.approx(1)
    assert json.loads(run("1000d6", "--format", "json").output)["law"][0]["log10"] == pytest.approx(-778.1512503836)
    assert json.loads(run("d6", "--format", "json", "--exactly", "7").output)["exactly"]["log10"] is None


def test_outcomes_beyond_the_doubles():
    words = "*".join(["1e18"] * 18) + "*d6"
    found = json.loads(run(words, "--format", "json").output)
    assert found["law"][-1]["outcome"] == 6 * 10**324
    assert (found["mean"], found["sd"]) == ("3.500e324", "1.708e324")
    assert json.loads(run("-1*" + words, "--format", "json").output)["mean"] == "-3.500e324"
    refused = run("*".join(["1e18"] * 250) + "*d6", "--format", "json")
    assert refused.exit_code == 2
    assert "bits in all; at most 3,300 are multiplied" in refused.output


def test_csv():
    lines = run("d6 - d6", "--format", "csv").output.splitlines()
    assert lines[0] == "outcome,probability,log10,fraction"
    assert lines[6].startswith("0,0.1666666")
    assert lines[6].endswith(",1/6")
    assert len(lines) == 12


def test_a_sum_may_start_with_a_sign():
    assert run("-d6 + 3", "--exactly", "2").output.splitlines()[1].startswith("P(X = 2) = 1/6")


def test_pictures(tmp_path):
    pytest.importorskip("matplotlib")
    path = tmp_path / "out.png"
    done = run("100d6", "--plot", str(path), "--log", "--at-least", "400")
    assert done.exit_code == 0
    assert f"picture saved: {path}" in done.output
    assert path.read_bytes().startswith(b"\x89PNG")
    done = run("d6", "--plot", str(tmp_path / "out.docx"))
    assert done.exit_code == 2
    assert "docx" in done.output
    done = run("d6", "--plot", str(tmp_path / "nowhere" / "out.png"))
    assert done.exit_code == 2
    assert "nowhere" in done.output


def test_errors_point_at_the_character():
    done = run("3d6 + foo")
    assert done.exit_code == 2
    first, text, caret = done.output.splitlines()
    assert first.startswith("error: unknown name 'foo'")
    assert (text, caret) == ("    3d6 + foo", "          ^")


def test_misspelt_options_are_not_sums():
    done = run("d6", "--at-leas", "3")
    assert done.exit_code == 2
    assert "--at-least" in done.output
    assert "is not a number" in run("d6", "--at-least", "many").output
    assert run("d6", "--at-least", "1/0").exit_code == 2
    assert run("d6", "--at-least", "9" * 40).exit_code == 2


@pytest.mark.parametrize("words", [["Poisson(100000) @ d1000000"], ["1000000 @ (1/7 * d6 + 1/11 * d6)"]])
def test_what_is_too_large_is_refused(words):
    done = run(*words)
    assert done.exit_code == 2
    assert done.output.startswith("error: ")
    assert "limit" in done.output or "at most 4,000,000" in done.output


def test_help_and_version():
    assert "Poisson(10) @ d6" in run("--help").output
    assert run("--version").output.strip().endswith(distconv.__version__)
    assert "Usage" in run().output


def test_the_demo():
    done = run("demo")
    assert done.exit_code == 0
    assert "P(X >= 5000) = 1.15667e-186" in done.output
    assert done.output.count("$ distconv") == 5


def test_colour_only_on_terminals():
    assert "\x1b[" not in run("2d6").output
    coloured = testing.CliRunner().invoke(main, ["2d6"], color=True)
    assert "\x1b[1m" in coloured.output
    plain = testing.CliRunner().invoke(main, ["2d6"], color=True, env={"NO_COLOR": "1"})
    assert "\x1b[" not in plain.output


def test_the_command_is_installed():
    command = [sys.executable, "-m", "distconv.cli", "2d6", "--exactly", "7"]
    package = str(Path(distconv.__file__).parents[1])
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=package)
    assert done.returncode == 0, done.stderr
    assert str((2 @ Die(6)).pmf(7)) in done.stdout


def test_what_would_take_minutes_is_refused_at_once():
    done = run("1e5 @ 100d6kh3")
    assert done.exit_code != 0
    assert "this is predicted to take" in done.output
    assert "distconv.notation.read('1e5 @ 100d6kh3')" in done.output
