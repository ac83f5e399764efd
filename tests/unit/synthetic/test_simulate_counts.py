import numpy as np
import pandas as pd
import pytest

from imid.synthetic import simulate_counts
from imid.synthetic.simulate_counts import EXPERIMENTS, simulate


@pytest.mark.parametrize("name", list(EXPERIMENTS))
def test_every_experiment_is_replicated_and_has_its_factors(name):
    experiment = EXPERIMENTS[name]
    simulation = simulate(experiment, 50, seed=1)
    sizes = simulation.samples.groupby(list(experiment.factors)).size()
    assert (sizes == experiment.replicates).all()
    assert len(sizes) == np.prod([len(levels) for levels in experiment.factors.values()])
    assert simulation.counts.columns.equals(simulation.samples.index)
    assert simulation.counts.index.equals(simulation.truth.index)


def test_the_seed_decides():
    one, same, other = (simulate(EXPERIMENTS["three_groups"], 30, seed=s) for s in (1, 1, 2))
    pd.testing.assert_frame_equal(one.counts, same.counts)
    assert not one.counts.equals(other.counts)


def test_counts_have_the_planted_means_effects_and_dispersions():
    simulation = simulate(EXPERIMENTS["sixty_samples"], 3000, seed=1)
    truth = simulation.truth
    size_factors = simulation.counts.sum() / simulation.counts.sum().mean()
    normalized = simulation.counts / size_factors
    groups = normalized.T.groupby(simulation.samples["treatment"]).mean().T
    found = np.log2(groups["lenalidomide"] / groups["dmso"])[truth["mean"] > 500]
    planted = truth["treatment:lenalidomide"][truth["mean"] > 500]
    assert np.corrcoef(found, planted)[0, 1] > 0.95
    within = normalized.loc[:, simulation.samples["treatment"] == "dmso"]
    excess = (within.var(axis=1) - within.mean(axis=1)) / within.mean(axis=1) ** 2
    ratio = (excess / truth["dispersion"])[truth["mean"] > 500]
    assert ratio.median() == pytest.approx(1, abs=0.3)


def test_the_interaction_plays_only_where_both_factors_are_off_their_reference():
    experiment = EXPERIMENTS["interaction"]
    occurs = simulate_counts._occurrences(experiment, simulate_counts._samples(experiment))
    both = occurs["cell_line:MM1S_res"] & occurs["treatment:lenalidomide"]
    assert occurs["interaction"].equals(both.rename("interaction"))


def test_outliers_are_where_the_truth_says():
    simulation = simulate(EXPERIMENTS["outliers"], 2000, seed=1)
    hit = simulation.truth["outlier"][simulation.truth["outlier"] != ""]
    assert 20 < len(hit) < 60
    for gene, sample in hit.items():
        assert simulation.counts.loc[gene, sample] > simulation.counts.loc[gene].median()


def test_the_command_writes_the_three_tables(tmp_path):
    names = ["counts", "samples", "truth"]
    outputs = [f"--{name}={tmp_path / name}.tsv" for name in names]
    simulate_counts.main(["--experiment", "two_replicates", "--genes", "20", *outputs])
    counts = pd.read_csv(tmp_path / "counts.tsv", sep="\t", index_col="gene_id")
    expected = simulate(EXPERIMENTS["two_replicates"], 20, seed=1)
    assert (counts.to_numpy() == expected.counts.to_numpy()).all()
    assert len(pd.read_csv(tmp_path / "samples.tsv", sep="\t")) == 4
    assert len(pd.read_csv(tmp_path / "truth.tsv", sep="\t")) == 20
