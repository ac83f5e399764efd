"""What cells express that tells them apart: genes of translocations, of sex, of plasma cells.

`resources/line_markers.tsv` lists the genes, `resources/known_lines.tsv` what published lines are
known to have. Both only ever lead to a remark: a line that is called by a published one's name may
be a derivative of it, and a marker may be lost.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from imid.question.target_genes import find_genes
from imid.shared.paths import resource
from imid.shared.tables import read_table

MARKERS_OF_LINES = resource("resources/line_markers.tsv")
KNOWN_LINES = resource("resources/known_lines.tsv")
TRANSLOCATION, SEX, PLASMA_CELL = "translocation", "sex", "plasma_cell"
IMMUNOGLOBULIN = r"IG_.*"
# Of a million fragments in genes: what a translocation drives is far above, leaky transcription is
# below. In between is neither, and ten times lie there.
ON, OFF = 20, 2
STATES = {1: "on", 0: "between", -1: "off"}
# Fragments that are expected of a gene that is just on; of fewer, none may be seen by chance.
LEAST_EXPECTED = 10


@dataclass(frozen=True)
class Marker:
    """A marker and its gene.

    Attributes
    ----------
    gene_id, gene_name : str
        Of the annotation.
    kind : {"translocation", "sex", "plasma_cell"}
    meaning : str
        What its transcripts say.
    """

    gene_id: str
    gene_name: str
    kind: str
    meaning: str


def markers_of(genes: pd.DataFrame) -> list[Marker]:
    """Find the markers that an annotation has.

    Parameters
    ----------
    genes : DataFrame
        The gene table.

    Returns
    -------
    list of Marker
        In the order of the table of markers.
    """
    table = read_table(MARKERS_OF_LINES).fillna("")
    found = find_genes(table, genes)["found"]
    name = genes.set_index("gene_id")["gene_name"]
    return [
        Marker(found[row.Index], name[found[row.Index]], row.kind, row.meaning)
        for row in table.itertuples()
        if pd.notna(found[row.Index])
    ]


def per_million(counts: pd.DataFrame, genes: pd.DataFrame) -> pd.DataFrame:
    """Give counts by a million fragments in all genes but those of immunoglobulins.

    Parameters
    ----------
    counts : DataFrame
        Fragments, genes × samples.
    genes : DataFrame
        The gene table.

    Returns
    -------
    DataFrame
        NaN for a sample in which a gene that is on might not be seen.
    """
    others = counts[~counts.index.isin(immunoglobulins(genes))].sum()
    deep = others * ON / 1e6 >= LEAST_EXPECTED
    return counts / others.where(deep) * 1e6


def immunoglobulins(genes: pd.DataFrame) -> list[str]:
    """Name the genes of immunoglobulins, by their biotype."""
    return genes.loc[genes["biotype"].astype(str).str.fullmatch(IMMUNOGLOBULIN), "gene_id"].tolist()


def marker_state(levels: pd.DataFrame | pd.Series) -> np.ndarray:
    """Say of levels by a million whether the gene is on (1), off (-1) or neither (0)."""
    values = np.asarray(levels, float)
    return (values >= ON).astype(int) - (values < OFF)


def plasma_cell_share(
    counts: pd.DataFrame, genes: pd.DataFrame, markers: list[Marker]
) -> pd.Series | None:
    """Measure the share of fragments that are of genes of plasma cells.

    Syndecan-1 is not among them, though it is their best known marker: fibroblasts have it, too.

    Parameters
    ----------
    counts : DataFrame
        Fragments, genes × samples.
    genes : DataFrame
        The gene table.
    markers : list of Marker

    Returns
    -------
    Series or None
        By sample; None where the annotation has no such gene.
    """
    named = [marker.gene_id for marker in markers if marker.kind == PLASMA_CELL]
    of_plasma_cells = counts.index.isin([*named, *immunoglobulins(genes)])
    if not of_plasma_cells.any():
        return None
    return counts[of_plasma_cells].sum() / counts.sum().clip(lower=1)


def known_genes(line: str) -> tuple[list[str], str] | None:
    """Say what a line is known for.

    Parameters
    ----------
    line : str
        Its name in the sheet, however it is spelt.

    Returns
    -------
    tuple of list of str and str, or None
        The genes that it has on, and why, with the source; None where it is not known.
    """
    for row in read_table(KNOWN_LINES).fillna("").itertuples():
        if _without_signs(line) in map(
            _without_signs, [row.cell_line, *str(row.aliases).split(";")]
        ):
            return str(row.genes).split(";"), f"{row.meaning}; {row.citation}"
    return None


def _without_signs(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", str(name).upper())
