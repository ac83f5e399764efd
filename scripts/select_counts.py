"""Take the samples of a fit out of a count matrix."""

import argparse
from pathlib import Path

from count_matrix import counts_of, read_matrix
from problems import reported
from tables import write_table


def main(argv: list[str] | None = None) -> None:
    """Write the matrix of some samples, in the columns of ours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--matrix", type=Path, required=True, help="as it was given")
    parser.add_argument("--samples", nargs="+", required=True, help="names, in column order")
    parser.add_argument("--counts", type=Path, required=True, help="matrix to write")
    arguments = parser.parse_args(argv)
    matrix = read_matrix(arguments.matrix, str(arguments.matrix))
    write_table(counts_of(matrix, arguments.samples), arguments.counts)


if __name__ == "__main__":
    reported(main)
