"""Small data that the tests of several modules share, each with its truth."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from imid.differential import compute_contrast, fit_model, fitting
from imid.question.contrasts import Contrast
from imid.shared.json_files import as_json
from imid.shared.tables import TARGETS, write_table

CONTRASTS = {
    "lenalidomide_vs_dmso": ("lenalidomide", "dmso"),
    "pomalidomide_vs_dmso": ("pomalidomide", "dmso"),
    "pomalidomide_vs_lenalidomide": ("pomalidomide", "lenalidomide"),
}
# The log2 fold changes against dmso that are planted in each kind of gene.
EFFECTS = {
    "up": (2.0, 4.0),
    "down": (-2.0, -4.0),
    "slightly_up": (0.45, 0.9),
    "slightly_down": (-0.45, -0.9),
}
KINDS = {
    "silent": 1,
    "outlier": 1,
    "up": 12,
    "down": 12,
    "slightly_up": 20,
    "slightly_down": 20,
    "flat": 40,
    "faint": 44,
}


@pytest.fixture(scope="session")
def simulated() -> SimpleNamespace:
    """Negative-binomial counts of nine samples, and what was planted in them.

    counts (genes × samples), metadata (treatment by sample), kind (by gene), effects (log2 fold
    change against dmso, genes × treatments).
    """
    rng = np.random.default_rng(3)
    treatment = np.repeat(["dmso", "lenalidomide", "pomalidomide"], 3)
    samples = [f"{name}_{number}" for name, number in zip(treatment, [1, 2, 3] * 3, strict=True)]
    kinds = np.repeat(list(KINDS), list(KINDS.values()))
    genes = pd.Index([f"ENSG{number:011}" for number in range(len(kinds))], name="gene_id")
    kind = pd.Series(kinds, index=genes)
    effects = pd.DataFrame(0.0, index=genes, columns=["dmso", "lenalidomide", "pomalidomide"])
    for name, changes in EFFECTS.items():
        effects.loc[kind == name, ["lenalidomide", "pomalidomide"]] = changes

    mean = np.where(kind == "faint", 0.4, rng.lognormal(6, 0.7, len(genes)))
    expected = mean[:, None] * 2 ** effects[treatment].to_numpy() * np.tile([0.7, 1.0, 1.3], 3)
    dispersion = (0.01 + 2 / mean)[:, None]
    drawn = rng.negative_binomial(1 / dispersion, 1 / (1 + dispersion * expected))
    counts = pd.DataFrame(drawn, index=genes, columns=samples)
    counts.loc[kind == "silent"] = 0
    counts.loc[kind == "outlier", "pomalidomide_3"] = 20_000
    metadata = pd.DataFrame({"treatment": treatment}, index=pd.Index(samples, name="sample"))
    return SimpleNamespace(counts=counts, metadata=metadata, kind=kind, effects=effects)


@pytest.fixture(scope="session")
def fitted(simulated):
    """The model of the simulated counts."""
    return fitting.fit(simulated.counts, simulated.metadata, "~ treatment", "dmso")


@pytest.fixture(scope="session")
def fitted_line(simulated, tmp_path_factory):
    """The folder of a cell line after `fit_model`, its genes named GENE0, GENE1 and so on.

    The samples stand in another order in the metadata than in the count matrix.
    """
    folder = tmp_path_factory.mktemp("fitted") / "MM1S"
    counts = simulated.counts.reset_index()
    counts.insert(1, "gene_name", [f"GENE{number}" for number in range(len(counts))])
    write_table(counts, folder / "counts.tsv")
    metadata = simulated.metadata.assign(cell_line="MM1S", replicate=["1", "2", "3"] * 3)[::-1]
    write_table(metadata.reset_index(), folder / "metadata.tsv")
    outputs = {
        "fit": "fit.npz",
        "design-matrix": "design.tsv",
        "size-factors": "samples.tsv",
        **{name: f"{name}.tsv" for name in ["normalized", "vst", "dispersions"]},
    }
    fit_model.main(
        [
            *["--counts", str(folder / "counts.tsv"), "--metadata", str(folder / "metadata.tsv")],
            *["--design", "~ treatment", "--reference", "dmso", "--inference", "vectorized"],
            *["--about", "cell_lines/MM1S", "--warnings", str(folder / "warnings/fit.tsv")],
            *[part for name, file in outputs.items() for part in (f"--{name}", str(folder / file))],
        ]
    )
    return folder


@pytest.fixture(scope="session")
def contrasts_folder(fitted_line):
    """The folder of a cell line's contrasts after `compute_contrast`."""
    folder = fitted_line / "contrasts"
    for name, (numerator, denominator) in CONTRASTS.items():
        contrast = Contrast("treatment", numerator, denominator, name=name)
        compute_contrast.main(
            [
                *["--fit", str(fitted_line / "fit.npz")],
                *["--counts", str(fitted_line / "counts.tsv")],
                *["--contrast", as_json(contrast)],
                *["--fdr", "0.05", "--log2-fold-change", "1.0", "--about", "cell_lines/MM1S"],
                *["--warnings", str(folder / f"{name}.warnings.tsv")],
                *["--table", str(folder / f"{name}.tsv")],
                *["--significant", str(folder / f"{name}.significant.tsv")],
                *["--sidecar", str(folder / f"{name}.json")],
            ]
        )
    return folder


@pytest.fixture
def targets() -> pd.DataFrame:
    """A targets table of two contrasts: a gene that falls, one that stays, two untested."""
    tested = {"base_mean": 500.0, "lfc_se": 0.1, "status": "tested"}
    down = {**tested, "p_value": 1e-30, "fdr": 1e-28, "significant": "yes", "observed": "down"}
    down |= {"verdict": "supports", "verdict_reason": "it fell, as published"}
    flat = {**tested, "p_value": 0.4, "fdr": 0.5, "significant": "no", "observed": "unchanged"}
    flat |= {"verdict": "no_expectation", "verdict_reason": "the drug acts on the protein"}
    unseen = {"significant": "no", "verdict": "not_measurable"}
    faint = {**unseen, "status": "low_count", "reason": "too few reads to be tested"}
    absent = {**unseen, "status": "not_annotated", "reason": "not in the annotation"}
    core, ligand = {"group": "core"}, {"group": "immune_ligand", "acts_on": "rna"}
    irf4 = {**core, "gene_id": "ENSG00000137265.16", "gene_name": "IRF4", "acts_on": "rna"}
    ikzf1 = {**core, "gene_id": "ENSG00000185811.18", "gene_name": "IKZF1", "acts_on": "protein"}
    mica = {**ligand, "gene_id": "ENSG00000204520.14", "gene_name": "MICA"}
    pvr = {**ligand, "gene_id": "ENSG00000073008", "gene_name": "PVR"}
    rows = [
        {**gene, **found, "contrast": contrast, "expected": expected}
        | {"log2_fold_change": change, "ci_low": change - 0.2, "ci_high": change + 0.2}
        for contrast, changes in [
            ("lenalidomide_vs_dmso", [-1.504, 0.126, 0.3, np.nan]),
            ("pomalidomide_vs_dmso", [-2.25, -0.07, 0.6, np.nan]),
        ]
        for gene, found, expected, change in zip(
            [irf4, ikzf1, mica, pvr],
            [down, flat, faint, absent],
            ["down", "unchanged", "up", "up"],
            changes,
            strict=True,
        )
    ]
    return pd.DataFrame(rows, columns=TARGETS)
