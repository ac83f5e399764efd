"""Gene sets held against the genes of the experiment."""

from collections.abc import Iterable

from imid.question.target_genes import without_version


def gene_set_findings(
    sets: dict[str, list[str]], name: str, genes: dict[str, str]
) -> tuple[list[str], list[str]]:
    """Hold gene sets against the genes of the experiment.

    Parameters
    ----------
    sets : dict
        As given by `read_gene_sets`.
    name : str
        What messages call the file.
    genes : dict of str to str
        Names by gene_id of all genes; empty if they are not known.

    Returns
    -------
    tuple of list of str and list of str
        Problems and warnings.
    """
    known = {*genes.values(), *map(without_version, genes)}
    members = {gene for gene_set in sets.values() for gene in gene_set}
    if not known or not members:
        return [], []
    if not any(without_version(gene) in known for gene in members):
        return [
            f"{name}: none of its {len(members):,} genes ({_some(members)}) is a gene of the"
            f" experiment ({_some(genes.values())}), by gene_name or gene_id"
        ], []
    return [], []


def _some(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)[:3])
