"""Reading a GTF: exon lines, and what other steps need of them.

HTSeq reads the annotation for the counts themselves. What is derived here is the gene table,
the known splice sites for HISAT2 and the exons by strand for the check of strandedness.
"""

from pathlib import Path

import numpy as np
import pandas as pd

GTF_COLUMNS = [
    "contig",
    "source",
    "feature",
    "start",
    "end",
    "score",
    "strand",
    "frame",
    "attributes",
]
# Ensembl writes gene_biotype, GENCODE gene_type.
ATTRIBUTES = {
    "gene_id": "gene_id",
    "gene_name": "gene_name",
    "biotype": "gene_(?:bio)?type",
    "transcript_id": "transcript_id",
}


def read_exons(gtf: str | Path) -> pd.DataFrame:
    """Read the exon lines of a GTF.

    Parameters
    ----------
    gtf : str or Path
        A GTF, plain or gzipped.

    Returns
    -------
    DataFrame
        One row for each exon line: contig, start (0-based), end (exclusive), strand, gene_id,
        gene_name, biotype, transcript_id; an attribute that a line lacks is missing.
    """
    lines = pd.read_csv(
        gtf,
        sep="\t",
        names=GTF_COLUMNS,
        usecols=["contig", "feature", "start", "end", "strand", "attributes"],
        dtype=str,
        keep_default_na=False,
        quoting=3,
    )
    # Comment lines have no feature. A # further on belongs to an attribute.
    lines = lines[(lines["feature"] == "exon") & ~lines["contig"].str.startswith("#")]
    exons = lines[["contig", "start", "end", "strand"]].astype({"start": int, "end": int})
    exons["start"] -= 1
    for name, key in ATTRIBUTES.items():
        pattern = rf'(?:^|[;\s]){key}\s+"?([^";]+)"?'
        exons[name] = lines["attributes"].str.extract(pattern, expand=False)
    return exons.reset_index(drop=True)


def merge_intervals(exons: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Merge overlapping and touching intervals within each group.

    Parameters
    ----------
    exons : DataFrame
        With the columns of `by`, start and end (0-based, half-open).
    by : list of str
        What keeps intervals apart, for example ``["gene_id", "contig", "strand"]``.

    Returns
    -------
    DataFrame
        The columns of `by`, start, end; sorted by them.
    """
    exons = exons[[*by, "start", "end"]].sort_values([*by, "start"], ignore_index=True)
    group = exons.groupby(by, sort=False).ngroup()
    reach = exons.groupby(group)["end"].cummax()
    apart = (group != group.shift()) | (exons["start"] > reach.shift())
    block = apart.cumsum()
    merged = exons.groupby(block, sort=False).agg(
        {**dict.fromkeys(by, "first"), "start": "min", "end": "max"}
    )
    return merged.reset_index(drop=True)


def gene_table(exons: pd.DataFrame) -> pd.DataFrame:
    """Describe each gene by its name, biotype and exonic length.

    Parameters
    ----------
    exons : DataFrame
        As given by `read_exons`.

    Returns
    -------
    DataFrame
        gene_id, gene_name, biotype, length (bases covered by any exon of the gene), sorted by
        gene_id as htseq-count sorts. A gene without a name is called by its id.
    """
    merged = merge_intervals(exons, ["gene_id", "contig", "strand"])
    length = (merged["end"] - merged["start"]).groupby(merged["gene_id"]).sum()
    genes = exons.groupby("gene_id")[["gene_name", "biotype"]].first()
    genes["length"] = length
    genes["gene_name"] = genes["gene_name"].fillna(genes.index.to_series())
    return genes.sort_index().reset_index()


def splice_sites(exons: pd.DataFrame) -> pd.DataFrame:
    """List the introns of all transcripts, in the form HISAT2 takes as known splice sites.

    Parameters
    ----------
    exons : DataFrame
        As given by `read_exons`.

    Returns
    -------
    DataFrame
        contig, left (0-based last base of the exon before), right (0-based first base of the
        exon after), strand; each intron once.
    """
    exons = exons.sort_values(["transcript_id", "contig", "start"])
    before = exons.shift()
    same = (exons["transcript_id"] == before["transcript_id"]) & (
        exons["contig"] == before["contig"]
    )
    gap = same & (exons["start"] > before["end"])
    introns = pd.DataFrame(
        {
            "contig": exons["contig"],
            "left": before["end"] - 1,
            "right": exons["start"],
            "strand": exons["strand"],
        }
    )[gap]
    introns = introns.drop_duplicates().astype({"left": np.int64})
    return introns.sort_values(["contig", "left", "right"], ignore_index=True)
