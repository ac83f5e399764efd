"""Derive from the annotation what alignment reads: known splice sites, exons by strand."""

import argparse
from pathlib import Path

from annotation import merge_intervals, read_exons, splice_sites
from files import written


def main(argv: list[str] | None = None) -> None:
    """Write the known splice sites and the exons of a GTF."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gtf", type=Path, required=True, help="annotation, plain or gzipped")
    parser.add_argument("--splice-sites", type=Path, required=True, help="for HISAT2, to write")
    parser.add_argument("--exons", type=Path, required=True, help="BED of exons, to write")
    arguments = parser.parse_args(argv)

    exons = read_exons(arguments.gtf)
    with written(arguments.splice_sites) as temporary:
        splice_sites(exons).to_csv(temporary, sep="\t", header=False, index=False)
    with written(arguments.exons) as temporary:
        bed = merge_intervals(exons, ["contig", "strand"]).assign(name=".", score=0)
        bed = bed[["contig", "start", "end", "name", "score", "strand"]]
        bed.to_csv(temporary, sep="\t", header=False, index=False)


if __name__ == "__main__":
    main()
