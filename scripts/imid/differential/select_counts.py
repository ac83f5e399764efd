"""Take the samples of a fit out of a count matrix, with FPKM and TPM where lengths are known."""

import argparse
from pathlib import Path

import pandas as pd

from imid.differential.collect_counts import write_units
from imid.shared.problems import reported
from imid.shared.tables import read_table, write_table
from imid.userfiles.count_matrix import counts_of, read_matrix


def main(argv: list[str] | None = None) -> None:
    """Write the matrix of some samples, in the columns of ours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--matrix", type=Path, required=True, help="as it was given")
    parser.add_argument("--genes", type=Path, required=True, help="its gene table")
    parser.add_argument("--samples", nargs="+", required=True, help="names, in column order")
    parser.add_argument("--counts", type=Path, required=True, help="matrix to write")
    parser.add_argument("--fpkm", nargs="?", type=Path, help="matrix to write, with lengths")
    parser.add_argument("--tpm", nargs="?", type=Path, help="matrix to write, with lengths")
    arguments = parser.parse_args(argv)
    counts = counts_of(read_matrix(arguments.matrix, str(arguments.matrix)), arguments.samples)
    genes = read_table(arguments.genes)
    matrix = counts.assign(gene_name=genes["gene_name"])
    write_table(matrix, arguments.counts)
    if arguments.tpm:
        # Genes that the annotation lacks have no length, and no part in the others' shares.
        known = genes["length"].notna()
        length = pd.to_numeric(genes.loc[known, "length"])
        write_units(matrix[known], length, arguments.fpkm, arguments.tpm)


if __name__ == "__main__":
    reported(main)
