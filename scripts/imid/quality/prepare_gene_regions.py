"""Derive from the annotation where genes lie, for what is measured of each sample's alignments.

A step of its own: what is derived for the counter aligns all samples anew when its code changes.
"""

import argparse
from pathlib import Path

from imid.counting.annotation import read_exons
from imid.quality.gene_regions import find_regions, write_regions
from imid.shared.problems import reported


def main(argv: list[str] | None = None) -> None:
    """Write the regions of a GTF."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gtf", type=Path, required=True, help="annotation, plain or gzipped")
    parser.add_argument("--output", type=Path, required=True, help="regions to write")
    arguments = parser.parse_args(argv)
    write_regions(find_regions(read_exons(arguments.gtf)), arguments.output)


if __name__ == "__main__":
    reported(main)
