"""Write what MultiQC is to show beside the tools' own summaries, as settings of MultiQC.

The figures of all samples with their verdicts in a table, the verdicts among the general statistics
as well, the curves of saturation, and the versions of all programs. As files of its own MultiQC
would read them with names of samples that it cleans.
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pandas as pd

from imid.quality.measured_sample import MeasuredSample, read_measured
from imid.quality.saturation import DEPTHS
from imid.question.sample_figures import HIGH, SHARE, SampleFigure, sample_figures, with_bounds
from imid.reads.trimming import REPORT as FASTP_REPORT
from imid.shared.bam_file import opened_bam
from imid.shared.json_files import read_json, write_json
from imid.shared.problems import reported
from imid.shared.tables import read_table

# Libraries whose version decides on results.
LIBRARIES = ["HTSeq", "pydeseq2", "pysam", "numpy", "scipy", "pandas", "snakemake"]
# In which thousands reads and bases are told, from so many in the median sample on.
SCALES = [(1_000_000, 1e-6, "M", "millions"), (1_000, 1e-3, "K", "thousands"), (0, 1, "", "")]


@dataclass(frozen=True)
class Curve:
    """A curve of each sample, and what is at its axes."""

    title: str
    about: str
    x_label: str
    y_label: str
    x: list[float]


# By the name that steps give it.
CURVES = {
    "genes_1_by_depth": Curve(
        "Saturation",
        "Genes that are expected to be seen with a part of the fragments. A curve that still rises"
        " at its end would show more genes with more reads.",
        "percent of the fragments",
        "genes",
        [round(100 * depth) for depth in DEPTHS],
    )
}


@dataclass(frozen=True)
class FastpVersion:
    """What fastp's report says of the program."""

    fastp_version: str


@dataclass(frozen=True)
class FastpMade:
    """What is read of fastp's report."""

    summary: FastpVersion


def column_of(figure: SampleFigure) -> dict:
    """Describe a figure's column of a table; a cell has the colour of its verdict."""
    rules = {
        verdict: [{"gt" if figure.worse == HIGH else "lt": _in_cell(figure, bound)}]
        for verdict, bound in [("warn", figure.warn), ("fail", figure.fail)]
        if bound is not None
    }
    whole = {"format": "{:,.0f}"} if figure.unit == "count" else {"format": "{:,.1f}"}
    return {
        "title": figure.title,
        "description": figure.meaning,
        "scale": False,
        # MultiQC colours text alone by rules for all columns; every number is greater than -1.
        "cond_formatting_rules": ({"pass": [{"gt": -1}]} if rules else {}) | rules,
        **({"suffix": "%"} if figure.unit == SHARE else {}),
        **whole,
    }


def _in_cell(figure: SampleFigure, value: float) -> float:
    return 100 * value if figure.unit == SHARE else value


def table_of_figures(figures: pd.DataFrame, verdicts: pd.DataFrame) -> dict:
    """Put the figures of all samples into a table, one row a sample.

    Parameters
    ----------
    figures, verdicts : DataFrame
        The published tables.

    Returns
    -------
    dict
        Custom content.
    """
    bounds = figures.drop_duplicates("figure").set_index("figure")[["warn", "fail"]]
    known = bounds.astype(object).where(bounds.notna(), None).to_dict("index")
    declared = {n: f for n, f in with_bounds(sample_figures(), known).items() if n in known}
    cells = {row["sample"]: {"verdict": row["verdict"]} for row in verdicts.to_dict("records")}
    for row in figures.to_dict("records"):
        cells[row["sample"]][row["figure"]] = _in_cell(declared[row["figure"]], row["value"])
    verdict = {"title": "Verdict", "description": "The worst of its figures", "scale": False}
    return {
        "section_name": "Quality of samples",
        "description": "What was measured of each sample. A cell is coloured where a bound decides:"
        " green passes, orange is doubtful, red fails. docs/sample-quality.md says how each figure"
        " is measured, and qc in the config sets the bounds.",
        "plot_type": "table",
        "pconfig": {"id": "sample_quality_table", "title": "Quality of samples"},
        "headers": {"verdict": verdict, **{n: column_of(f) for n, f in declared.items()}},
        "data": cells,
    }


def general_statistics(verdicts: pd.DataFrame) -> dict:
    """Put the verdicts into the general statistics, before what the tools say."""
    common = {"scale": False, "placement": 1}
    return {
        "plot_type": "generalstats",
        "headers": {
            "verdict": {"title": "Verdict", "description": "The worst of its figures", **common},
            "decided_by": {"title": "Decided by", "description": "Which figures", **common},
        },
        "data": {
            row["sample"]: {"verdict": row["verdict"], "decided_by": row["decided_by"] or "–"}
            for row in verdicts.fillna("").to_dict("records")
        },
    }


def graph_of(name: str, measured: Iterable[MeasuredSample]) -> dict | None:
    """Draw a curve of all samples that have it; None where none has."""
    curve = CURVES[name]
    # Pairs: as the keys of JSON numbers would be ordered as words.
    lines = {
        one.sample: [[*point] for point in zip(curve.x, one.curves[name], strict=True)]
        for one in measured
        if name in one.curves
    }
    if not lines:
        return None
    axes = {"xlab": curve.x_label, "ylab": curve.y_label}
    return {
        "section_name": curve.title,
        "description": curve.about,
        "plot_type": "linegraph",
        "pconfig": {"id": f"{name}_plot", "title": curve.title, **axes},
        "data": lines,
    }


def versions_used(alignments: Iterable[Path], reports: Iterable[Path]) -> dict[str, list[str]]:
    """Tell with which versions of which programs the samples were made.

    Parameters
    ----------
    alignments : iterable of Path
        BAM, whose headers name the programs that wrote them.
    reports : iterable of Path
        The samples' folders of reports.

    Returns
    -------
    dict of str to list of str
        By program, and library of ours.
    """
    found: dict[str, set[str]] = {}
    for path in alignments:
        with opened_bam(path) as records:
            for program in records.header.to_dict().get("PG", []):
                name = program.get("PN", program["ID"])
                found.setdefault(name, set()).add(program.get("VN", "unknown"))
    for report in (folder / FASTP_REPORT for folder in reports):
        if report.exists():
            made = read_json(report, FastpMade).summary.fastp_version
            found.setdefault("fastp", set()).add(made)
    for library in LIBRARIES:
        try:
            found[library] = {version(library)}
        except PackageNotFoundError:
            continue
    return {program: sorted(versions) for program, versions in found.items()}


def scale_of_reads(pairs: pd.Series) -> dict[str, object]:
    """Say in what MultiQC is to tell reads and bases: 18,780 reads are not 0.0 million.

    Parameters
    ----------
    pairs : Series
        Of each sample.

    Returns
    -------
    dict
        Settings of MultiQC.
    """
    median = pairs.median() if len(pairs) else 0
    _, multiplier, prefix, words = next(scale for scale in SCALES if median >= scale[0])
    return {
        **{f"{what}_count_multiplier": multiplier for what in ["read", "base"]},
        **{"read_count_prefix": prefix, "base_count_prefix": f"{prefix}b".strip()},
        **{f"{what}_count_desc": words for what in ["read", "base"]},
    }


def custom_content(
    figures: pd.DataFrame, verdicts: pd.DataFrame, measured: Sequence[MeasuredSample]
) -> dict[str, dict]:
    """Give all custom content by its id."""
    graphs = {name: graph_of(name, measured) for name in CURVES}
    return {
        "sample_quality": table_of_figures(figures, verdicts),
        "sample_verdicts": general_statistics(verdicts),
        **{name: graph for name, graph in graphs.items() if graph},
    }


def main(argv: list[str] | None = None) -> None:
    """Write settings for MultiQC, its custom content and the versions among them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figures", type=Path, required=True, help="of all samples")
    parser.add_argument("--verdicts", type=Path, required=True, help="on all samples")
    parser.add_argument("--measured", nargs="+", type=Path, required=True, help="by the steps")
    parser.add_argument("--alignments", nargs="+", type=Path, required=True, help="BAM")
    parser.add_argument("--reports", nargs="+", type=Path, required=True, help="folders")
    parser.add_argument("--output", type=Path, required=True, help="YAML to write")
    arguments = parser.parse_args(argv)

    figures, verdicts = read_table(arguments.figures), read_table(arguments.verdicts)
    measured = [*map(read_measured, arguments.measured)]
    settings = {
        "custom_data": custom_content(figures, verdicts, measured),
        "software_versions": versions_used(arguments.alignments, arguments.reports),
        **scale_of_reads(figures.loc[figures["figure"] == "pairs", "value"]),
    }
    # JSON is YAML, too.
    write_json(settings, arguments.output)


if __name__ == "__main__":
    reported(main)
