"""Genes that fill a library where the RNA or the library went wrong, or that drown the others.

Annotations name them in their own ways: Ensembl and GENCODE by a biotype for most of them, RefSeq
by one for rRNA alone. So a gene is of a class by its biotype, or else by its symbol.
"""

import re
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class GeneClass:
    """What tells the genes of a class.

    Attributes
    ----------
    biotypes, symbols : str
        Regular expressions of a whole biotype, of a whole symbol.
    """

    biotypes: str
    symbols: str


# By the figure that has their share. Of the mitochondrion's own genes RefSeq's symbols lack "MT-".
MITOCHONDRIAL, RRNA = "mitochondrial", "rrna"
CLASSES = {
    MITOCHONDRIAL: GeneClass(
        biotypes=r"Mt_.*",
        symbols=r"(?i:mt-.+)|ND[1-6]|ND4L|COX[1-3]|CYTB|ATP[68]|RNR[12]",
    ),
    RRNA: GeneClass(
        biotypes=r"rRNA|rRNA_pseudogene|rRNA_gene",
        symbols=r"(?i:(RNA|Rn|n-R)(5|5-8|18|28|45)s.*)|5S_rRNA|5_8S_rRNA",
    ),
    # IGHMBP2, IGLON5 and the like are none; IGLL5 is spliced to the constant exon of lambda.
    "immunoglobulin": GeneClass(
        biotypes=r"IG_.*",
        symbols=r"(?i:IGH[ADEGM]\d?|IGHGP|IGHEP\d|IGKC|IGLC\d.*|IG[HKL][VDJ]P?[\d(].*|IGLL5)",
    ),
    "haemoglobin": GeneClass(
        biotypes=r"(?!)",
        symbols=r"HB(A1|A2|B|D|E1|G1|G2|M|Q1|Z)|Hb[abq].*-.+",
    ),
}


def members(genes: pd.DataFrame) -> dict[str, pd.Series]:
    """Tell which genes are of which class.

    Parameters
    ----------
    genes : DataFrame
        gene_name and biotype, which may be missing.

    Returns
    -------
    dict of str to Series of bool
        By class, with the index of `genes`. A gene is of one class at most: rRNA of the
        mitochondrion is mitochondrial.
    """
    names, biotypes = genes["gene_name"].fillna(""), genes["biotype"].fillna("").astype(str)
    found: dict[str, pd.Series] = {}
    taken = pd.Series(False, index=genes.index)
    for name, kind in CLASSES.items():
        by_biotype = biotypes.map(lambda text, kind=kind: bool(re.fullmatch(kind.biotypes, text)))
        by_symbol = names.map(lambda text, kind=kind: bool(re.fullmatch(kind.symbols, text)))
        found[name] = (by_biotype | by_symbol) & ~taken
        taken |= found[name]
    return found
