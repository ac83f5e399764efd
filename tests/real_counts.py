"""Published counts to hold results against R's on; they are no part of this repository.

They are looked for in ``counts/`` of the folder that the environment variable
``IMID_SHARED_DATA`` names:

- ``pasilla_gene_counts.tsv``, ``pasilla_sample_annotation.csv``: fly, seven samples of the data
  package pasilla (Brooks and others, Genome Research 21:193 (2011));
- ``candida_3x3.counts.tsv``, ``candida_3x3.samples.tsv``: yeast, three conditions with three
  replicates each, expected counts of RSEM.
"""

import os
from pathlib import Path

import pandas as pd
import pytest

from imid.synthetic.simulate_counts import ExperimentalDesign

VARIABLE = "IMID_SHARED_DATA"
CANDIDA = ["wt_37", "wt_GSNO", "wt_ph8"]
# No sample is drawn, so the number of replicates plays no part. The reference of pasilla's
# condition is not its first level by name.
EXPERIMENTS = {
    "pasilla": ExperimentalDesign(
        {"type": ["paired-end", "single-read"], "condition": ["untreated", "treated"]},
        0,
        "~ type + condition",
        [("condition", "treated", "untreated")],
    ),
    "candida": ExperimentalDesign(
        {"treatment": CANDIDA},
        0,
        "~ treatment",
        [("treatment", *pair) for pair in [CANDIDA[1::-1], CANDIDA[2::-2], CANDIDA[:0:-1]]],
    ),
}


def read(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give counts and samples, or skip the test that asks for them."""
    if not os.environ.get(VARIABLE):
        pytest.skip(f"needs published counts, in the folder that {VARIABLE} names")
    folder = Path(os.environ[VARIABLE]) / "counts"
    if not folder.is_dir():
        pytest.skip(f"{VARIABLE} names a folder without counts/")
    return {"pasilla": _pasilla, "candida": _candida}[name](folder)


def _pasilla(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    counts = pd.read_csv(folder / "pasilla_gene_counts.tsv", sep="\t", index_col=0)
    samples = pd.read_csv(folder / "pasilla_sample_annotation.csv", index_col="file")
    samples.index = samples.index.str.removesuffix("fb")
    return counts, samples.loc[counts.columns, ["condition", "type"]]


def _candida(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    counts = pd.read_csv(folder / "candida_3x3.counts.tsv", sep="\t", index_col=0)
    names = ["treatment", "sample"]
    samples = pd.read_csv(folder / "candida_3x3.samples.tsv", sep="\t", names=names)
    return counts.round().astype(int), samples.set_index("sample").loc[counts.columns]
