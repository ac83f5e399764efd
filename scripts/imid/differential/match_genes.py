"""The genes of a count matrix in an annotation: by id, with or without Ensembl's version."""

import pandas as pd

from imid.question.target_genes import without_version
from imid.shared.problems import first_few

# Of an annotation that is seen in part, so many genes tell whether it is the matrix's.
ENOUGH = 500


def annotation_findings(
    ids: list[str], name: str, genes: dict[str, str], source: str, complete: bool
) -> tuple[list[str], list[str]]:
    """Compare the genes of a matrix with those of an annotation.

    Parameters
    ----------
    ids : list of str
        Of the matrix.
    name : str
        What messages call it.
    genes : dict of str to str
        Those that were seen of the annotation: names by id.
    source : str
        What messages call the annotation.
    complete : bool
        Whether it was read whole.

    Returns
    -------
    tuple of list of str and list of str
        Problems and warnings; only what follows even if the GTF was not read whole.
    """
    known = {without_version(gene) for gene in genes}
    if not complete and len(known) < ENOUGH:
        return [], []
    absent = [gene for gene in ids if without_version(gene) not in known]
    if len(absent) == len(ids):
        return [nothing_in_common(ids, name, genes, source)], []
    if absent and complete:
        return [], [share_absent(absent, ids, name, source)]
    return [], []


def nothing_in_common(ids: list[str], name: str, genes: dict[str, str], source: str) -> str:
    """Say that no id of a matrix is in an annotation, given as names by id."""
    named = len(set(ids) & set(genes.values()))
    hint = f"; {named} of its ids are gene names there, and ids are needed" if named else ""
    return (
        f"{name} and {source} have no gene_id in common: {first_few(ids)} against"
        f" {first_few(genes)}{hint}"
    )


def share_absent(absent: list[str], ids: list[str], name: str, source: str) -> str:
    """Say how many genes of a matrix an annotation does not have."""
    return (
        f"{name}: {len(absent)} of {len(ids)} genes ({len(absent) / len(ids):.1%}) are not in"
        f" {source} ({first_few(absent)}); their biotype and length are not known"
    )


def annotate(genes: pd.DataFrame, annotation: pd.DataFrame) -> pd.DataFrame:
    """Describe the genes of a matrix by an annotation.

    Parameters
    ----------
    genes : DataFrame
        gene_id and gene_name of the matrix.
    annotation : DataFrame
        The gene table of a GTF: gene_id, gene_name, biotype, length.

    Returns
    -------
    DataFrame
        gene_id as in the matrix; gene_name, biotype and length of the annotation, where it has
        the gene, else the matrix's name and missing values.
    """
    described = annotation.set_axis(annotation["gene_id"].map(without_version))
    described = described[~described.index.duplicated()].reindex(
        genes["gene_id"].map(without_version)
    )
    described = described.set_axis(genes.index)
    return genes.assign(
        gene_name=described["gene_name"].fillna(genes["gene_name"]),
        biotype=described["biotype"],
        length=described["length"].astype("Int64"),
    )
