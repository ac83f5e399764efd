"""Judge each sample by what was measured of it."""

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from imid.quality.measured_sample import MeasuredSample, read_measured
from imid.question.sample_figures import (
    FAIL,
    PASS,
    VERDICTS,
    WARN,
    SampleFigure,
    sample_figures,
    with_bounds,
)
from imid.shared.problems import InputError, did_you_mean, reported, warn
from imid.shared.run_warnings import write_warnings
from imid.shared.tables import SAMPLE_FIGURES, SAMPLE_VERDICTS, write_table

# The verdict on a sample of which no figure that has a bound could be measured.
NOT_MEASURED = "not measured"
# What its figures make of a sample.
SAID = {FAIL: "fails", WARN: "is doubtful", NOT_MEASURED: "was not judged"}


@dataclass(frozen=True)
class JudgedFigure:
    """A figure of a sample, with its verdict."""

    sample: str
    figure: SampleFigure
    value: float
    note: str = ""

    @property
    def verdict(self) -> str:
        """What its bounds make of it."""
        return self.figure.verdict(self.value)

    @property
    def row(self) -> dict[str, object]:
        """Its row of the table of figures."""
        told = {column: getattr(self.figure, column) for column in SAMPLE_FIGURES[3:6]}
        return {
            "sample": self.sample,
            "figure": self.figure.figure,
            "value": self.value,
            **told,
            "verdict": self.verdict,
            "meaning": self.figure.meaning,
        }

    @property
    def in_words(self) -> str:
        """Say it with the bound that it lies beyond, and what explains it.

        ``rRNA 31.0%, above 20.0%``; behind it, in brackets, the note of the step that measured it.
        """
        bound = self.figure.fail if self.verdict == FAIL else self.figure.warn
        told = f"{self.figure.title} {self.figure.shown(self.value)}, {self.figure.beyond(bound)}"
        return f"{told} ({self.note})" if self.note else told


def judged_figures(
    sample: str, measured: Iterable[MeasuredSample], declared: Mapping[str, SampleFigure]
) -> list[JudgedFigure]:
    """Judge all figures of a sample.

    Parameters
    ----------
    sample : str
    measured : iterable of MeasuredSample
        What the steps measured of it.
    declared : mapping of str to SampleFigure
        All figures that there are, with the bounds that hold.

    Returns
    -------
    list of JudgedFigure
        In the order in which they are declared; what was not measured is absent.

    Raises
    ------
    InputError
        A figure is not declared, or was measured twice.
    """
    found: dict[str, tuple[float, str]] = {}
    problems = []
    for one in measured:
        for name, value in one.figures.items():
            if name not in declared:
                hint = did_you_mean(name, declared)
                problems.append(f"sample {sample}: the figure {name} is not declared{hint}")
            elif name in found:
                problems.append(f"sample {sample}: the figure {name} was measured by two steps")
            found[name] = value, one.notes.get(name, "")
    if problems:
        raise InputError(problems)
    return [
        JudgedFigure(sample, figure, *found[name])
        for name, figure in declared.items()
        if name in found
    ]


def verdict_of(sample: str, figures: Sequence[JudgedFigure]) -> dict[str, str]:
    """Give a sample the worst verdict of its figures.

    Parameters
    ----------
    sample : str
    figures : sequence of JudgedFigure
        Its own.

    Returns
    -------
    dict of str to str
        sample, verdict, decided_by (the figures that have this verdict) and reason; the last two
        are empty where nothing is wrong. Where nothing that decides was measured it is no pass.
    """
    reached = {figure.verdict for figure in figures}
    worst = next((verdict for verdict in reversed(VERDICTS) if verdict in reached), NOT_MEASURED)
    if worst == NOT_MEASURED:
        reason = "no figure that decides was measured"
        return {"sample": sample, "verdict": worst, "decided_by": "", "reason": reason}
    deciding = [figure for figure in figures if figure.verdict == worst != PASS]
    return {
        "sample": sample,
        "verdict": worst,
        "decided_by": "; ".join(figure.figure.figure for figure in deciding),
        "reason": "; ".join(figure.in_words for figure in deciding),
    }


def warnings_of(
    verdicts: Iterable[Mapping[str, str]], measured: Iterable[MeasuredSample]
) -> list[str]:
    """Say which samples are not to be trusted, and why, and what else has to be known of them."""
    doubted = [
        f"sample {row['sample']} {SAID[row['verdict']]}: {row['reason']}"
        for row in verdicts
        if row["verdict"] in SAID
    ]
    # What is true of a line is told by each of its samples.
    return [*dict.fromkeys([*doubted, *(text for one in measured for text in one.warnings)])]


def gather(
    measured: Iterable[MeasuredSample], sheet: Mapping[str, Mapping[str, float]]
) -> dict[str, list[MeasuredSample]]:
    """Put together what was measured of each sample, the figures of the sheet among it.

    Raises
    ------
    InputError
        Something was measured of a sample that the sheet lacks.
    """
    found = {
        sample: [MeasuredSample(sample=sample, figures=dict(told))]
        for sample, told in sheet.items()
    }
    problems = []
    for one in measured:
        if one.sample in found:
            found[one.sample].append(one)
        else:
            hint = did_you_mean(one.sample, found)
            problems.append(f"sample {one.sample}, which was measured, is not in the sheet{hint}")
    if problems:
        raise InputError(problems)
    return found


def main(argv: list[str] | None = None) -> None:
    """Write the figures of all samples, their verdicts, and warnings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measured", nargs="+", type=Path, required=True, help="by the steps")
    parser.add_argument(
        "--sheet", type=json.loads, required=True, help="figures of each sample, in order, as JSON"
    )
    parser.add_argument("--bounds", type=json.loads, default={}, help="of the config, as JSON")
    parser.add_argument("--figures", type=Path, required=True, help="table to write")
    parser.add_argument("--verdicts", type=Path, required=True, help="table to write")
    parser.add_argument("--warnings", type=Path, required=True, help="table to write")
    arguments = parser.parse_args(argv)

    declared = with_bounds(sample_figures(), arguments.bounds)
    measured = gather(map(read_measured, arguments.measured), arguments.sheet)
    figures = {sample: judged_figures(sample, told, declared) for sample, told in measured.items()}
    rows = [figure.row for told in figures.values() for figure in told]
    verdicts = [verdict_of(sample, told) for sample, told in figures.items()]
    warnings = warnings_of(verdicts, (one for told in measured.values() for one in told))
    for warning in warnings:
        warn(warning)
    write_table(pd.DataFrame(rows, columns=SAMPLE_FIGURES), arguments.figures)
    write_table(pd.DataFrame(verdicts, columns=SAMPLE_VERDICTS), arguments.verdicts)
    write_warnings(warnings, None, arguments.warnings)


if __name__ == "__main__":
    reported(main)
