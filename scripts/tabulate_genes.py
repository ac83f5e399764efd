"""Describe the genes of an annotation: name, biotype, exonic length."""

import argparse
from pathlib import Path

from annotation import gene_table, read_exons
from tables import write_table


def main(argv: list[str] | None = None) -> None:
    """Write the gene table of a GTF."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gtf", type=Path, required=True, help="annotation, plain or gzipped")
    parser.add_argument("--output", type=Path, required=True, help="table to write")
    arguments = parser.parse_args(argv)
    write_table(gene_table(read_exons(arguments.gtf)), arguments.output)


if __name__ == "__main__":
    main()
