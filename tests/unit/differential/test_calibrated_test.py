import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control

from imid.differential import deseq, fitting
from imid.differential.calibrated_test import calibrated
from imid.question.contrasts import Contrast
from imid.synthetic.simulate_counts import EXPERIMENTS, simulate

DRUG = Contrast("treatment", "lenalidomide", "dmso")
FDR = 0.05


@pytest.fixture(scope="module")
def table(fitted):
    return calibrated(fitted, DRUG, 1.0)


def test_planted_changes_are_found_and_small_ones_not_called_large(simulated, table):
    kind = simulated.kind
    assert (table.loc[kind.isin(["up", "down"]), "ql_fdr"] < FDR).all()
    assert (table.loc[kind == "flat", "ql_fdr"] < FDR).mean() < 0.1
    large = table["ql_threshold_fdr"] < FDR
    assert large[kind.isin(["up", "down"])].mean() > 0.8
    assert not large[kind.isin(["slightly_up", "slightly_down", "flat"])].any()


def test_genes_with_too_few_reads_are_not_tested(simulated, table):
    untested = table.isna().all(axis=1)
    assert untested.equals(table.isna().any(axis=1))
    assert untested[simulated.kind.isin(["silent", "faint"])].all()
    assert not untested[simulated.kind.isin(["up", "flat"])].any()


def test_rates_are_over_the_genes_that_are_tested(table):
    tested = table.dropna()
    for test in ["ql", "ql_threshold"]:
        expected = false_discovery_control(tested[f"{test}_p_value"])
        np.testing.assert_allclose(tested[f"{test}_fdr"], expected)


def test_neither_the_reference_nor_the_order_of_genes_matters(simulated, table):
    turned = fitting.fit(simulated.counts[::-1], simulated.metadata, "~ treatment", "pomalidomide")
    again = calibrated(turned, DRUG, 1.0)
    assert again.index.tolist() == table.index[::-1].tolist()
    pd.testing.assert_frame_equal(again.loc[table.index], table, rtol=1e-4)


@pytest.mark.filterwarnings("ignore:The dispersion trend")
def test_without_a_gene_of_enough_reads_nothing_is_tested(simulated):
    faint = simulated.counts[simulated.kind == "faint"]
    fit = fitting.fit(faint, simulated.metadata, "~ treatment", "dmso")
    assert calibrated(fit, DRUG, 1.0).isna().all(axis=None)


def test_pydeseq2s_own_fit_is_tested_too(simulated, table):
    fit = fitting.fit(simulated.counts, simulated.metadata, "~ treatment", "dmso", "pydeseq2")
    own = calibrated(fit, DRUG, 1.0)
    assert own["ql_p_value"].rank().corr(table["ql_p_value"].rank()) > 0.95


@pytest.mark.filterwarnings("ignore:The dispersion trend")
def test_fewer_discoveries_are_false_than_by_the_test_that_takes_dispersions_as_known():
    """Where true dispersions scatter as in real sets (0.8), ten experiments of 3 against 3."""
    experiment = EXPERIMENTS["three_groups"]
    shares = {"fdr": [], "ql_fdr": []}
    for seed in range(10):
        counts, samples, truth = simulate(experiment, 1500, seed, changed=0.1, scatter_sd=0.8)
        pair = samples[samples["treatment"] != "pomalidomide"]
        fit = fitting.fit(counts[pair.index], pair, "~ treatment", ["dmso"])
        table = deseq.contrast(fit, DRUG, FDR).join(calibrated(fit, DRUG, 1.0))
        for column, found in shares.items():
            called = table[column] < FDR
            found.append((called & (truth["treatment:lenalidomide"] == 0)).sum() / called.sum())
    assert np.mean(shares["ql_fdr"]) < 0.06
    assert np.mean(shares["fdr"]) > 0.08
