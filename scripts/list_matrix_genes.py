"""List the genes of a count matrix, in the columns of a gene table."""

import argparse
from pathlib import Path

from count_matrix import counts_of, read_matrix
from problems import reported
from tables import GENES, write_table


def main(argv: list[str] | None = None) -> None:
    """Write the gene table; biotype and length are not known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--matrix", type=Path, required=True, help="as it was given")
    parser.add_argument("--output", type=Path, required=True, help="table to write")
    arguments = parser.parse_args(argv)
    genes = counts_of(read_matrix(arguments.matrix, str(arguments.matrix)), [])
    write_table(genes.reindex(columns=GENES), arguments.output)


if __name__ == "__main__":
    reported(main)
