"""Spike-ins: a change that all genes share is seen by them, and by nothing else."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import r_deseq2
from imid.differential import compute_contrast, deseq, fit_model, fitting
from imid.differential.composition import composition, composition_warning
from imid.differential.spike_ins import spike_in_factors, too_few_spike_ins
from imid.question.contrasts import Contrast
from imid.question.spike_in_genes import are_spike_ins
from imid.shared.json_files import as_json
from imid.shared.problems import InputError
from imid.shared.tables import read_table

pytestmark = pytest.mark.filterwarnings("ignore:The dispersion trend:UserWarning")

GENES, SPIKE_INS = 500, 60
SAMPLES = [f"s{number}" for number in range(6)]
DRUG = np.repeat([0, 1], 3)
DEPTHS = [0.6, 1.0, 1.7, 1.1, 0.8, 1.4]
METADATA = pd.DataFrame(
    {"cell_line": "MM1S", "treatment": np.array(["dmso", "drug"])[DRUG]}, index=SAMPLES
)
CONTRAST = Contrast("treatment", "drug", "dmso", name="drug_vs_dmso")
GIVEN = ["counts", "factors", "warnings"]
WRITTEN = ["fit", "size-factors", "design-matrix", "normalized", "vst", "dispersions"]
TABLES = ["table", "significant", "sidecar"]
SPIKED = [f"ERCC-{number:05d}" for number in range(SPIKE_INS)]


def counted(shift=1.0, depth=DEPTHS, spiked=1.0, uneven=0.0, seed=3):
    """Draw counts: all genes change by as much log2; of the spike-ins each sample has as much."""
    random = np.random.default_rng(seed)
    means = 300 * np.exp(random.normal(0, 1, GENES))[:, None] * 2.0 ** (shift * DRUG)
    amounts = spiked * 2.0 ** np.linspace(3, 12, SPIKE_INS)[:, None] * np.ones(6)
    amounts = amounts * 2.0 ** random.normal(0, uneven, 6) if uneven else amounts
    genes = random.negative_binomial(20, 20 / (20 + means * depth))
    controls = random.poisson(amounts * depth)
    names = [*(f"gene_{number:04d}" for number in range(GENES)), *SPIKED]
    return pd.DataFrame(np.vstack([genes, controls]), names, SAMPLES)


def fit(counts, normalize):
    return fitting.fit(
        counts, METADATA, "~ treatment", "dmso", spike_ins=SPIKED if normalize else ()
    )


def seen(counts, normalize, spike_ins=SPIKED):
    """Give the median gene's fold change, what was measured, and what is said of it."""
    fitted = fit(counts, normalize)
    table = deseq.contrast(fitted, CONTRAST, 0.05)
    found = composition(fitted, CONTRAST, table, 0.05, spike_ins)
    change = table["log2_fold_change"].drop(SPIKED).median()
    return change, found, composition_warning("drug_vs_dmso", fitted, found)


@pytest.mark.parametrize("shift", [1.0, -1.0])
def test_a_change_of_all_genes_is_told_and_found_by_spike_ins_alone(shift):
    counts = counted(shift)
    change, found, words = seen(counts, normalize=False)
    assert change == pytest.approx(0, abs=0.1)
    assert found.missed == pytest.approx(shift, abs=0.15)
    assert f"every log2 fold change lacks {found.missed:+.2f} ±" in words
    assert "qc.spike_ins.normalize adds that" in words
    change, _, words = seen(counts, normalize=True)
    assert change == pytest.approx(shift, abs=0.1)
    assert words is None


def test_spike_ins_that_agree_say_nothing():
    _, found, words = seen(counted(shift=0.0), normalize=False)
    assert found.missed == pytest.approx(0, abs=0.15)
    assert words is None


def test_spike_ins_on_which_replicates_disagree_say_nothing():
    """Samples were given amounts that differ twofold; treatments differ by chance."""
    for seed in range(5):
        _, found, words = seen(counted(0.0, uneven=1.0, seed=seed), normalize=False)
        assert found.missed_error > 0.2
        assert words is None or "little or uncertain" in words


@pytest.mark.parametrize("spiked", [0.0, 0.001])
def test_too_few_fragments_in_spike_ins_say_nothing(spiked):
    _, found, _ = seen(counted(spiked=spiked), normalize=False)
    assert found.missed is None
    assert found.known.keys() == {"shift", "up", "down"}


def test_what_they_are_held_against_is_what_the_fit_would_take():
    counts = counted()
    expected = fit(counts, normalize=True).size_factors[SAMPLES]
    np.testing.assert_allclose(spike_in_factors(counts.loc[SPIKED].to_numpy().T), expected)


def test_a_fit_says_what_it_was_normalized_by():
    assert fit(counted(), normalize=True).size_factor_type == "spike_ins"
    assert fit(counted(), normalize=False).size_factor_type == "ratio"


def test_samples_with_too_few_fragments_in_spike_ins_are_refused_by_name():
    counts = counted()
    counts.loc[SPIKED, "s4"] = 2
    counts.loc[SPIKED[:40], "s1"] = 0
    spike_ins = pd.Series(counts.index.isin(SPIKED), counts.index)
    settings = {"design": "~ treatment", "references": "dmso"}
    with pytest.raises(InputError) as error:
        fit_model.fit_checked(counts, METADATA, spike_ins, **settings)
    (problem,) = error.value.problems
    assert f"s1 ({counts.loc[SPIKED, 's1'].sum():,}), s4 (120)" in problem
    # Who does not ask for them is not told.
    fit_model.fit_checked(counts, METADATA, **settings)


def test_too_few_spike_ins_that_all_samples_have_are_refused():
    few = counted().loc[SPIKED[-9:]]
    assert too_few_spike_ins(few)[0].startswith("9 of 9 spike-ins have a count in every sample")
    assert too_few_spike_ins(counted().loc[SPIKED[-10:]]) == []


def test_the_checked_fit_is_by_spike_ins():
    counts = counted()
    spike_ins = pd.Series(counts.index.isin(SPIKED), counts.index)
    fitted, notes = fit_model.fit_checked(
        counts, METADATA, spike_ins, design="~ treatment", references="dmso"
    )
    pd.testing.assert_series_equal(fitted.size_factors, fit(counts, normalize=True).size_factors)
    assert notes == []


def test_spike_ins_are_known_by_id_or_name():
    genes = pd.DataFrame(
        {
            "gene_id": ["ERCC-00002", "G1", "G2", "G3"],
            "gene_name": [None, "ERCC-00003", "ERCC1", "X"],
        }
    )
    assert are_spike_ins(genes, "^ERCC-").tolist() == [True, True, False, False]


@pytest.mark.parametrize("used", ["fit", "contrast"])
def test_the_steps_take_spike_ins_by_an_expression(tmp_path, used):
    """Where the fit was given it, log2 fold changes are seen; where the contrast was, told."""
    paths = {name: str(tmp_path / name) for name in [*GIVEN, *WRITTEN, *TABLES]}
    paths["fit"] += ".npz"
    genes = counted().rename_axis("gene_id").reset_index()
    genes.insert(1, "gene_name", genes["gene_id"])
    genes.to_csv(paths["counts"], sep="\t", index=False)
    METADATA.to_csv(paths["factors"], sep="\t", index_label="sample")

    def options(names):
        return [part for name in names for part in (f"--{name}", paths[name])]

    common = [*options(["counts", "warnings"]), "--about=MM1S"]
    pattern = "--spike-ins=^ERCC-[0-9]{5}$"
    model = ["--metadata", paths["factors"], "--design=~ treatment", "--reference=dmso"]
    model += ["--inference=vectorized", *([pattern] if used == "fit" else [])]
    fit_model.main([*common, *options(WRITTEN), *model])
    asked = ["--contrast", as_json(CONTRAST), "--fdr=0.05", "--log2-fold-change=1"]
    asked += [pattern] if used == "contrast" else []
    compute_contrast.main([*common, *options(["fit", *TABLES]), *asked])
    table = read_table(tmp_path / "table", index="gene_id")
    change = table["log2_fold_change"].drop(SPIKED).median()
    assert change == pytest.approx(1 if used == "fit" else 0, abs=0.1)
    # As in DESeq2 they are genes like others.
    assert table.loc[SPIKED, "status"].eq("tested").mean() > 0.9
    measured = json.loads((tmp_path / "sidecar").read_text())["composition"]
    assert ("missed" in measured) == (used == "contrast")
    assert len(read_table(tmp_path / "warnings")) == (used == "contrast")


@pytest.mark.r
def test_size_factors_are_those_of_deseq2_over_control_genes(tmp_path):
    if not r_deseq2.available():
        pytest.skip("needs Rscript with DESeq2")
    # Some spike-ins are missing in some samples.
    counts = counted(spiked=0.2)
    assert (counts.loc[SPIKED] == 0).any(axis=None)
    paths = [tmp_path / name for name in ["counts.tsv", "controls.txt", "factors.tsv"]]
    counts.to_csv(paths[0], sep="\t")
    paths[1].write_text("\n".join(SPIKED))
    script = Path(r_deseq2.HERE, "r", "control_genes.R")
    subprocess.run(["Rscript", str(script), *map(str, paths)], check=True, capture_output=True)
    theirs = pd.read_csv(paths[2], sep="\t", index_col=0, header=None)[1]
    ours = fit(counts, normalize=True).size_factors
    np.testing.assert_allclose(ours[theirs.index], theirs, rtol=1e-8)
    assert abs(ours / fit(counts, normalize=False).size_factors - 1).max() > 0.2
