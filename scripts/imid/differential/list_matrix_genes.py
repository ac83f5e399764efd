"""List the genes of a count matrix, in the columns of a gene table."""

import argparse
from pathlib import Path

from imid.differential.match_genes import annotate, nothing_in_common, share_absent
from imid.shared.problems import InputError, reported, warn
from imid.shared.tables import GENES, read_table, write_table
from imid.userfiles.count_matrix import genes_of, read_matrix


def main(argv: list[str] | None = None) -> None:
    """Write the gene table; without an annotation biotype and length are not known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--matrix", type=Path, required=True, help="as it was given")
    parser.add_argument("--annotation", nargs="?", type=Path, help="gene table of the GTF, if any")
    parser.add_argument("--gtf", nargs="?", help="what messages call the GTF")
    parser.add_argument("--output", type=Path, required=True, help="table to write")
    arguments = parser.parse_args(argv)
    name = str(arguments.matrix)
    genes = genes_of(read_matrix(arguments.matrix, name))
    if arguments.annotation:
        annotation = read_table(arguments.annotation)
        genes = annotate(genes, annotation)
        absent, ids = list(genes.loc[genes["length"].isna(), "gene_id"]), list(genes["gene_id"])
        if len(absent) == len(ids):
            names = dict(zip(annotation["gene_id"], annotation["gene_name"], strict=True))
            raise InputError([nothing_in_common(ids, name, names, arguments.gtf)])
        if absent:
            warn(share_absent(absent, ids, name, arguments.gtf))
    write_table(genes.reindex(columns=GENES), arguments.output)


if __name__ == "__main__":
    reported(main)
