"""Derive from the annotation, read once, all that later steps take of it.

The table of genes; the known splice sites, for HISAT2; the exons by strand, for the check of
strandedness; the features, for the counter. What is not asked for is not made.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

from imid.counting.annotation import gene_table, read_genes, splice_sites, stranded_exons
from imid.counting.features import write_features
from imid.counting.gtf_rules import beyond_contigs
from imid.shared.files import written
from imid.shared.genome_index import read_lengths
from imid.shared.problems import InputError, reported

# The columns of the published gene table. They are spelt again in `tables`, whose many edits would
# align all samples anew if they belonged to this step's code; a test holds the two together.
GENES = ["gene_id", "gene_name", "biotype", "length"]


def write_lines(rows: Iterable[Iterable[object]], path: Path) -> None:
    """Write rows as lines of columns separated by tabs; None is NA."""
    with written(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        for row in rows:
            values = ("NA" if value is None else str(value) for value in row)
            file.write("\t".join(values) + "\n")


def main(argv: list[str] | None = None) -> None:
    """Write what is derived from a GTF."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gtf", type=Path, required=True, help="annotation, plain or gzipped")
    parser.add_argument("--genome-index", nargs="?", type=Path, help="genome.fa.fai, to fit")
    parser.add_argument("--genes", type=Path, help="table of genes, to write")
    parser.add_argument("--splice-sites", type=Path, help="for HISAT2, to write")
    parser.add_argument("--exons", type=Path, help="BED of exons, to write")
    parser.add_argument("--features", type=Path, help="for imid.counting.count_reads, to write")
    arguments = parser.parse_args(argv)

    exons = read_genes(arguments.gtf)
    lengths = read_lengths(arguments.genome_index) if arguments.genome_index else {}
    if beyond := beyond_contigs(exons.reach, lengths, exons.source, "the genome"):
        raise InputError([beyond])
    if arguments.genes:
        write_lines([GENES, *gene_table(exons)], arguments.genes)
    if arguments.splice_sites:
        write_lines(splice_sites(exons), arguments.splice_sites)
    if arguments.exons:
        rows = stranded_exons(exons)
        bed = ((contig, start, end, ".", 0, way) for contig, start, end, way in rows)
        write_lines(bed, arguments.exons)
    if arguments.features:
        write_features(exons, arguments.features)


if __name__ == "__main__":
    reported(main)
