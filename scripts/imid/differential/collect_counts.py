"""Join the samples' counts to one matrix for a cell line, with FPKM and TPM beside it."""

import argparse
from pathlib import Path

import pandas as pd

from imid.differential.expression import fpkm, tpm
from imid.shared.copies import copy_problems
from imid.shared.problems import InputError, reported
from imid.shared.sample_checks import read_checks
from imid.shared.sample_counts import read_counts
from imid.shared.tables import GENE, read_table, write_table

# Counts of fewer may be the same by chance.
ENOUGH_GENES = 10


def join_counts(genes: pd.DataFrame, counts: dict[str, pd.Series]) -> pd.DataFrame:
    """Put samples side by side, in the order of the gene table.

    Parameters
    ----------
    genes : DataFrame
        The gene table.
    counts : dict of str to Series
        Fragments by gene_id, for each sample.

    Returns
    -------
    DataFrame
        gene_id, gene_name and a column of whole numbers for each sample.

    Raises
    ------
    InputError
        Where a sample was counted over other genes than those of the gene table.
    """
    expected = set(genes["gene_id"])
    other = [sample for sample, column in counts.items() if set(column.index) != expected]
    if other:
        raise InputError(
            f"sample {sample} was counted over another annotation than the gene table's; "
            "delete its counts.tsv and run again"
            for sample in other
        )
    columns = {sample: column.reindex(genes["gene_id"]) for sample, column in counts.items()}
    return pd.concat(
        [genes[GENE], pd.DataFrame(columns).reset_index(drop=True).astype("int64")], axis=1
    )


def write_units(matrix: pd.DataFrame, length: pd.Series, fpkm_path: Path, tpm_path: Path) -> None:
    """Write the FPKM and the TPM of a count matrix.

    Parameters
    ----------
    matrix : DataFrame
        gene_id, gene_name and a column of fragments for each sample.
    length : Series
        Exonic length of each gene in bases, with the index of `matrix`.
    fpkm_path, tpm_path : Path
        The tables to write.
    """
    for unit, path in [(fpkm, fpkm_path), (tpm, tpm_path)]:
        scaled = unit(matrix.drop(columns=GENE), length)
        write_table(pd.concat([matrix[GENE], scaled], axis=1), path)


def main(argv: list[str] | None = None) -> None:
    """Write the matrices of counts, FPKM and TPM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--genes", type=Path, required=True, help="gene table")
    parser.add_argument("--samples", nargs="+", required=True, help="names, in column order")
    parser.add_argument("--sample-counts", nargs="+", type=Path, required=True)
    parser.add_argument("--checks", nargs="+", type=Path, required=True, help="of cross_check")
    parser.add_argument("--counts", type=Path, required=True, help="matrix to write")
    parser.add_argument("--fpkm", type=Path, required=True, help="matrix to write")
    parser.add_argument("--tpm", type=Path, required=True, help="matrix to write")
    arguments = parser.parse_args(argv)

    genes = read_table(arguments.genes)
    named = zip(arguments.samples, arguments.sample_counts, strict=True)
    matrix = join_counts(genes, {sample: read_counts(path) for sample, path in named})
    named = zip(arguments.samples, arguments.checks, strict=True)
    checksums = {sample: read_checks(path).reads for sample, path in named}
    counts = {
        sample: matrix[sample].to_numpy().tobytes()
        for sample in arguments.samples
        if (matrix[sample] > 0).sum() >= ENOUGH_GENES
    }
    if problems := copy_problems(counts, checksums):
        raise InputError(problems)
    write_table(matrix, arguments.counts)
    write_units(matrix, genes["length"], arguments.fpkm, arguments.tpm)


if __name__ == "__main__":
    reported(main)
