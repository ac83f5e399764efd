"""Expression units computed from counts."""

import pandas as pd


def fpkm(counts: pd.DataFrame, length: pd.Series) -> pd.DataFrame:
    """Compute fragments per kilobase of exon and million assigned fragments.

    Parameters
    ----------
    counts : DataFrame
        Fragments, genes × samples.
    length : Series
        Exonic length of each gene in bases, with the index of `counts`.

    Returns
    -------
    DataFrame
        FPKM, genes × samples: ``counts / (length / 1e3) / (column sum / 1e6)``
        (Mortazavi and others, Nat Methods 2008). A sample without any count gives zeros.
    """
    millions = counts.sum() / 1e6
    return counts.div(length / 1e3, axis=0).div(millions.where(millions > 0, 1.0), axis=1)


def tpm(counts: pd.DataFrame, length: pd.Series) -> pd.DataFrame:
    """Compute transcripts per million.

    Parameters
    ----------
    counts : DataFrame
        Fragments, genes × samples.
    length : Series
        Exonic length of each gene in bases, with the index of `counts`.

    Returns
    -------
    DataFrame
        TPM, genes × samples: each gene's fragments per base, scaled so that a sample sums to
        1e6 (Wagner and others, Theory Biosci 2012). A sample without any count gives zeros.
    """
    rate = counts.div(length, axis=0)
    total = rate.sum()
    return rate.div(total.where(total > 0, 1.0), axis=1) * 1e6
