"""Hold marker genes against the sheet: do the samples of a line agree, is stroma stroma alone."""

import argparse
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from imid.quality.line_markers import (
    PLASMA_CELL,
    SEX,
    STATES,
    TRANSLOCATION,
    Marker,
    known_genes,
    marker_state,
    markers_of,
    per_million,
    plasma_cell_share,
)
from imid.quality.measured_sample import MeasuredSample
from imid.shared.json_files import write_json
from imid.shared.problems import InputError, reported
from imid.shared.sample_counts import read_counts
from imid.shared.tables import MARKERS, read_table, write_table

DISAGREEMENT, PLASMA_CELLS = "marker_disagreement", "plasma_cell_share"


def levels_of(
    counts: pd.DataFrame, genes: pd.DataFrame, markers: Sequence[Marker], lines: pd.Series
) -> pd.DataFrame:
    """Tabulate how high each marker is in each sample.

    Parameters
    ----------
    counts : DataFrame
        Fragments, genes × samples.
    genes : DataFrame
        The gene table.
    markers : sequence of Marker
    lines : Series of str
        The cell line of each sample.

    Returns
    -------
    DataFrame
        The columns `MARKERS`; ``others`` is the median of the line's other samples.
    """
    levels = per_million(counts, genes).reindex([marker.gene_id for marker in markers])
    rows = []
    for marker in markers:
        of_gene = levels.loc[marker.gene_id]
        for sample, line in lines.items():
            others = of_gene[(lines == line) & (lines.index != sample)].dropna()
            middle = others.median() if len(others) else np.nan
            rows.append(
                {
                    "gene_id": marker.gene_id,
                    "gene_name": marker.gene_name,
                    "kind": marker.kind,
                    "sample": sample,
                    "cell_line": line,
                    "per_million": of_gene[sample],
                    "others": middle,
                    "state": _state(of_gene[sample]),
                    "others_state": _state(middle),
                    "meaning": marker.meaning,
                }
            )
    return pd.DataFrame(rows, columns=MARKERS)


def _state(level: float) -> str | float:
    return np.nan if np.isnan(level) else STATES[int(marker_state(pd.Series([level]))[0])]


def measured_markers(
    levels: pd.DataFrame, sample: str, line: str, plasma_cells: float | None, stroma: bool
) -> MeasuredSample:
    """Say of one sample what its markers show.

    Parameters
    ----------
    levels : DataFrame
        As `levels_of` gives it.
    sample, line : str
    plasma_cells : float or None
        The share of genes of plasma cells; None where the annotation has none.
    stroma : bool
        Whether the line is of stroma, which has none of these.

    Returns
    -------
    MeasuredSample
    """
    figures: dict[str, float] = {}
    notes: dict[str, str] = {}
    own = levels[levels["sample"] == sample]
    compared = own[(own["kind"] == TRANSLOCATION) & own["state"].notna()]
    told = compared[compared["others_state"].notna()]
    if len(told):
        odd = told[_at_odds(told)]
        figures[DISAGREEMENT] = float(len(odd))
        if len(odd):
            notes[DISAGREEMENT] = "; ".join(_told_odd(odd))
    else:
        notes[DISAGREEMENT] = _why_no_markers(own, compared)
    remarks = _told_odd(own[(own["kind"] == SEX) & _at_odds(own)])
    if not stroma:
        remarks += _known(compared, line)
    elif plasma_cells is None:
        notes[PLASMA_CELLS] = "the annotation has no gene that only plasma cells have"
    else:
        figures[PLASMA_CELLS] = float(plasma_cells)
    warnings = [f"sample {sample}: {remark}" for remark in remarks]
    return MeasuredSample(sample=sample, figures=figures, notes=notes, warnings=warnings)


def _at_odds(rows: pd.DataFrame) -> pd.Series:
    states = rows[["state", "others_state"]]
    return states.isin(["on", "off"]).all(axis=1) & (states["state"] != states["others_state"])


def asked_of(levels: pd.DataFrame, stroma: Collection[str]) -> pd.DataFrame:
    """Keep the levels that say something: of deep samples, and of plasma cells those of stroma."""
    asked = levels["cell_line"].isin(stroma) | (levels["kind"] != PLASMA_CELL)
    return levels[asked & levels["per_million"].notna()]


def _told_odd(odd: pd.DataFrame) -> list[str]:
    return [
        f"{row.gene_name} is {row.state} ({row.per_million:.3g} of a million fragments), in the"
        f" other samples of {row.cell_line} {row.others_state} ({row.others:.3g}): {row.meaning}"
        for row in odd.itertuples()
    ]


def _why_no_markers(own: pd.DataFrame, compared: pd.DataFrame) -> str:
    if not (own["kind"] == TRANSLOCATION).any():
        return "the annotation has none of the genes of myeloma's translocations"
    if compared.empty:
        return "too few fragments in genes: a marker that is on might not be seen"
    return "there is no other sample of its line to compare its markers with"


def _known(compared: pd.DataFrame, line: str) -> list[str]:
    """Remark on a marker that a line of this name is known to have, and this sample has not."""
    if not (known := known_genes(line)):
        return []
    genes, why = known
    return [
        f"{line} is known for {row.gene_name} ({why}), and here it is off"
        for row in compared.itertuples()
        if row.gene_name in genes and row.state == "off"
    ]


def main(argv: list[str] | None = None) -> None:
    """Write the levels of all markers, and for each sample what they say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--genes", type=Path, required=True, help="table of genes")
    parser.add_argument("--samples", nargs="+", required=True, help="names")
    parser.add_argument("--lines", nargs="+", required=True, help="of these samples")
    parser.add_argument("--counts", nargs="+", type=Path, required=True, help="of these samples")
    parser.add_argument("--stroma", nargs="*", default=[], help="lines that are no myeloma")
    parser.add_argument("--table", type=Path, required=True, help="levels, to write")
    parser.add_argument("--outputs", nargs="+", type=Path, required=True, help="of each, to write")
    arguments = parser.parse_args(argv)
    lists = (arguments.samples, arguments.lines, arguments.counts, arguments.outputs)
    if len({*map(len, lists)}) > 1:
        raise InputError(["samples, lines, counts and outputs must be as many"])

    genes = read_table(arguments.genes)
    columns = zip(arguments.samples, map(read_counts, arguments.counts), strict=True)
    counts = pd.DataFrame(dict(columns))
    lines = pd.Series(arguments.lines, index=arguments.samples)
    markers = markers_of(genes)
    levels = levels_of(counts, genes, markers, lines)
    shares = plasma_cell_share(counts, genes, markers)
    write_table(asked_of(levels, arguments.stroma), arguments.table)
    for sample, line, output in zip(
        arguments.samples, arguments.lines, arguments.outputs, strict=True
    ):
        share = None if shares is None else shares[sample]
        write_json(measured_markers(levels, sample, line, share, line in arguments.stroma), output)


if __name__ == "__main__":
    reported(main)
