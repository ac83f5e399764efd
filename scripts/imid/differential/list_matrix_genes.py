"""List the genes of a count matrix, in the columns of a gene table."""

import argparse
from pathlib import Path

from imid.differential.match_genes import annotate, nothing_in_common, share_absent
from imid.shared.problems import InputError, reported, warn
from imid.shared.run_warnings import write_warnings
from imid.shared.tables import GENES, read_table, write_table
from imid.userfiles.count_matrix import genes_of, read_matrix


def main(argv: list[str] | None = None) -> None:
    """Write the gene table; without an annotation biotype and length are not known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--matrix", type=Path, required=True, help="as it was given")
    parser.add_argument("--annotation", nargs="?", type=Path, help="gene table of the GTF, if any")
    parser.add_argument("--gtf", nargs="?", help="what messages call the GTF")
    parser.add_argument("--table", type=Path, required=True, help="to write")
    parser.add_argument("--warnings", type=Path, required=True, help="to write")
    arguments = parser.parse_args(argv)
    warnings = []
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
            # The checks tell it before the run, but of an annotation that is too large for them.
            warnings = [share_absent(absent, ids, name, arguments.gtf)]
            warn(warnings[0])
    write_table(genes.reindex(columns=GENES), arguments.table)
    write_warnings(warnings, None, arguments.warnings)


if __name__ == "__main__":
    reported(main)
