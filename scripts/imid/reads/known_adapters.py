"""Adapters of Illumina's kits, by how they begin where a read runs into them."""

# Illumina Adapter Sequences, document 1000000002694.
KNOWN = {
    "illumina": "AGATCGGAAGAGC",
    "nextera": "CTGTCTCTTATACACATCT",
    "smallrna": "TGGAATTCTCGGGTGCCAAGG",
}
NO_ADAPTER = "none"


def adapter_name(sequence: str) -> str | None:
    """Name the kit whose adapter a sequence begins as; None where it is of none.

    Parameters
    ----------
    sequence : str
        What was cut off a read; it may be shorter than the adapter.

    Returns
    -------
    str or None
        One of `KNOWN`.
    """
    for name, beginning in KNOWN.items():
        length = min(len(sequence), len(beginning))
        if length >= SURE and sequence[:length] == beginning[:length]:
            return name
    return None


# Bases that say which adapter it is.
SURE = 8
