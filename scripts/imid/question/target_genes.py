"""Which gene of the annotation each gene of the target panel is."""

import re

import pandas as pd

GENE_CELLS = ["gene_name", "aliases", "group", "acts_on"]


def without_version(gene_id: str) -> str:
    """Take the version off an Ensembl id: ``ENSG00000185811.18`` becomes ``ENSG00000185811``.

    Others, such as fission yeast's SPAC212.11, end in a number that is no version.
    """
    return re.sub(r"^(ENS[A-Z]*G\d+)\.\d+$", r"\1", gene_id)


def panel_genes(panel: pd.DataFrame) -> pd.DataFrame:
    """Give the panel's first row of each gene, in its order.

    Parameters
    ----------
    panel : DataFrame
        The target panel; a gene has a row for each setting it was seen in.

    Returns
    -------
    DataFrame
        Some of the panel's rows, with their index.
    """
    return panel[~panel["gene_id"].map(without_version).duplicated()]


def find_genes(targets: pd.DataFrame, genes: pd.DataFrame) -> pd.DataFrame:
    """Find the panel's genes in the annotation: by id, else by symbol, else by an alias.

    Ids are compared without the version that GENCODE appends (``ENSG00000185811.18``). A symbol
    counts where one gene alone has it. An alias counts where, besides, no other target is that
    gene, and the target's other aliases name no further gene.

    Parameters
    ----------
    targets : DataFrame
        The panel's genes, one row each: gene_id, gene_name, aliases.
    genes : DataFrame
        The gene table.

    Returns
    -------
    DataFrame
        By the index of `targets`: ``found``, the annotation's gene_id, missing where there is
        none; ``remark``, how an alias was used or why it was not, mostly missing.
    """
    by_id = pd.Series(genes["gene_id"].values, index=genes["gene_id"].map(without_version))
    by_name = genes.set_index("gene_name")["gene_id"]
    unique_id, unique_name = (
        lookup[~lookup.index.duplicated(keep=False)] for lookup in (by_id, by_name)
    )
    found = targets["gene_id"].map(without_version).map(unique_id)
    found = found.astype(object).where(found.notna(), targets["gene_name"].map(unique_name))
    result = pd.DataFrame({"found": found, "remark": None}, index=targets.index)

    lost = targets[found.isna()]
    named = {row: _named_by_aliases(aliases, by_name) for row, aliases in lost["aliases"].items()}
    others = [found.dropna().tolist(), *(list(matches) for matches in named.values())]
    claims = pd.Series([gene for claimed in others for gene in claimed]).value_counts()
    symbols = lost["gene_name"].to_dict()
    for row, matches in named.items():
        result.loc[row] = _one_gene(symbols[row], matches, claims)
    return result


def _named_by_aliases(aliases: str, by_name: pd.Series) -> dict[str, list[str]]:
    """Give the aliases under which each gene of the annotation is known."""
    named: dict[str, list[str]] = {}
    for alias in filter(None, map(str.strip, aliases.split(";"))):
        for gene_id in by_name[by_name.index == alias]:
            named.setdefault(gene_id, []).append(alias)
    return named


def _one_gene(
    name: str, matches: dict[str, list[str]], claims: pd.Series
) -> tuple[str | None, str | None]:
    """Choose the one gene that the aliases name, and say so; or say why there is none."""
    if not matches:
        return None, None
    words = " and ".join(
        f"{gene_id} ({', '.join(aliases)})" for gene_id, aliases in matches.items()
    )
    if len(matches) > 1:
        return None, f"{name} is not used under an alias: its aliases name {words}"
    ((gene_id, aliases),) = matches.items()
    if claims[gene_id] > 1:
        return None, f"{name} is not used under an alias: {words} is another target as well"
    return gene_id, f"{name} is taken from its alias {aliases[0]}: {gene_id}"
