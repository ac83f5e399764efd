"""Hold a table of counts against STAR's own, without a run of the workflow."""

import argparse
import sys
from pathlib import Path

from imid.counting.annotation import read_genes
from imid.counting.star_counts import STAR_COLUMN, check_against_star
from imid.counting.star_exceptions import star_exceptions
from imid.shared.count_table import read_count_table
from imid.shared.problems import reported


def main(argv: list[str] | None = None) -> None:
    """Hold a table of counts, by union, against STAR's gene counts."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--counts", type=Path, required=True, help="table of count_reads")
    parser.add_argument("--star-gene-counts", type=Path, required=True, help="ReadsPerGene.out.tab")
    parser.add_argument("--stranded", choices=list(STAR_COLUMN), required=True)
    parser.add_argument("--gtf", type=Path, help="annotation, for genes that STAR counts otherwise")
    arguments = parser.parse_args(argv)
    counts = read_count_table(arguments.counts)
    exceptions = star_exceptions(read_genes(arguments.gtf)) if arguments.gtf else []
    told = check_against_star(counts, arguments.star_gene_counts, arguments.stranded, exceptions)
    print(told, file=sys.stderr)


if __name__ == "__main__":
    reported(main)
