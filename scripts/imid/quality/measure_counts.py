"""Measure of what a sample's counts consist: kinds of genes, the highest ones, and saturation."""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from imid.quality.gene_classes import members
from imid.quality.measured_sample import MeasuredSample
from imid.quality.saturation import DEPTHS, genes_expected, new_genes
from imid.question.spike_in_genes import are_spike_ins
from imid.shared.json_files import write_json
from imid.shared.problems import reported
from imid.shared.sample_counts import read_counts
from imid.shared.tables import read_table

# So many of the highest genes, and with at least so many fragments a gene is seen.
HIGHEST = [1, 10, 100]
SEEN = [1, 5, 10]
# Of these a curve of saturation is given, too.
ON_CURVES = [1, 10]


SPIKE_INS = "spike_ins"
BY_KIND = "biotype or symbol"
KNOWN_BY = {SPIKE_INS: "id or symbol"}


def measure_counts(
    sample: str, counts: pd.Series, genes: pd.DataFrame, spike_ins: str | None = None
) -> MeasuredSample:
    """Measure a sample by its counts.

    Parameters
    ----------
    sample : str
    counts : Series of int
        Fragments by gene_id.
    genes : DataFrame
        gene_id, gene_name and biotype; of genes that it lacks nothing is known.
    spike_ins : str, optional
        The expression by which these are known, where there are any.

    Returns
    -------
    MeasuredSample
        Shares are of the fragments that were counted for genes.
    """
    numbers, total = counts.to_numpy(), counts.sum()
    figures = {f"genes_{least}": float((numbers >= least).sum()) for least in SEEN}
    curves = {
        f"genes_{least}_by_depth": [genes_expected(numbers, depth, least) for depth in DEPTHS]
        for least in ON_CURVES
    }
    if not total:
        why = "no fragment was counted for a gene"
        return MeasuredSample(sample=sample, figures=figures, notes={"top_1": why})
    ordered = np.sort(numbers)[::-1]
    figures |= {f"top_{most}": float(ordered[:most].sum() / total) for most in HIGHEST}
    figures["new_genes"] = new_genes(numbers)
    notes = {}
    known = genes.set_index("gene_id").reindex(counts.index)
    kinds = members(known)
    if spike_ins:
        kinds[SPIKE_INS] = are_spike_ins(known.rename_axis("gene_id").reset_index(), spike_ins)
    for name, is_member in kinds.items():
        if is_member.any():
            figures[name] = float(numbers[is_member.to_numpy()].sum() / total)
        else:
            notes[name] = f"no gene is known for one by its {KNOWN_BY.get(name, BY_KIND)}"
    return MeasuredSample(sample=sample, figures=figures, curves=curves, notes=notes)


def read_counts_of(sample: str, table: Path | None, matrix: Path | None) -> pd.Series:
    """Read a sample's counts from its own table, or as a column of a matrix of several."""
    if table:
        return read_counts(table)
    return read_table(matrix, index="gene_id")[sample]


def main(argv: list[str] | None = None) -> None:
    """Write what was measured as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", required=True)
    counted = parser.add_mutually_exclusive_group(required=True)
    counted.add_argument("--counts", type=Path, help="its own table")
    counted.add_argument("--matrix", type=Path, help="with a column of its name")
    parser.add_argument("--genes", type=Path, required=True, help="the gene table")
    parser.add_argument("--spike-ins", help="expression by which these are known")
    parser.add_argument("--output", type=Path, required=True, help="JSON to write")
    arguments = parser.parse_args(argv)
    counts = read_counts_of(arguments.sample, arguments.counts, arguments.matrix)
    genes = read_table(arguments.genes)
    measured = measure_counts(arguments.sample, counts, genes, arguments.spike_ins)
    write_json(measured, arguments.output)


if __name__ == "__main__":
    reported(main)
