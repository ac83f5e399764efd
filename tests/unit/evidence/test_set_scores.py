import numpy as np
import pandas as pd
import pytest

from imid.evidence.set_scores import (
    Replicates,
    holm,
    p_values_without_one_gene,
    sample_scores,
    score_samples,
    set_changes,
)
from imid.inference.moderated_t import Prior

NAMES = [f"s{number}" for number in range(9)]
DESIGN = pd.DataFrame(
    {"Intercept": 1.0, "a": np.repeat([0.0, 1.0, 0.0], 3), "b": np.repeat([0.0, 0.0, 1.0], 3)},
    index=NAMES,
)
A = np.array([0.0, 1.0, 0.0])
NONE = Prior(1.0, 0.0)


def drawn(seed, rise=0.0, genes=10, together=0.15):
    """Log counts of genes that go together from sample to sample, and rise under a."""
    random = np.random.default_rng(seed)
    shared = random.normal(0, together, 9) * np.ones((genes, 1))
    values = random.normal(8, 2, (genes, 1)) + shared + random.normal(0, 0.25, (genes, 9))
    values += np.outer(np.broadcast_to(rise, genes), DESIGN["a"])
    index = [f"g{number}" for number in range(genes)]
    return Replicates(pd.DataFrame(values, index, NAMES), DESIGN)


def weights(replicates, value=1.0):
    return pd.Series(value, index=replicates.values.index)


def share_of_rises(rise, seeds=300):
    """In how many draws the set rises, one-sided, whichever one gene is left out."""
    risen = []
    for seed in range(seeds):
        replicates = drawn(seed, rise)
        equal = weights(replicates)
        (change,) = set_changes(score_samples(replicates, {"set": equal}), A)["log2_change"]
        largest = p_values_without_one_gene(replicates, equal, A, NONE).max()
        risen.append(change > 0 and largest / 2 < 0.05)
    return np.mean(risen)


def test_a_score_is_the_weighted_mean_and_falls_with_genes_that_are_repressed():
    values = pd.DataFrame({"s1": [1.0, 2.0, 5.0], "s2": [2.0, 2.0, 7.0]}, index=list("abc"))
    scores = sample_scores(values, pd.Series({"c": 3.0, "a": -1.0}))
    assert scores.to_dict() == {"s1": (15 - 1) / 4, "s2": (21 - 2) / 4}


def test_a_change_is_the_weighted_mean_of_the_genes_changes():
    rise = np.linspace(-1, 2, 10)
    replicates = drawn(1, rise)
    quiet = drawn(1)
    each = pd.Series(np.arange(1.0, 11), index=replicates.values.index)
    changes = [
        set_changes(score_samples(drawing, {"set": each}), A)["log2_change"].item()
        for drawing in (replicates, quiet)
    ]
    assert changes[0] - changes[1] == pytest.approx(np.average(rise, weights=each))


def test_without_a_rise_genes_that_go_together_seldom_seem_to():
    assert share_of_rises(0.0) <= 0.05


def test_one_gene_alone_does_not_carry_the_set():
    assert share_of_rises([3.0] + [0.0] * 9) <= 0.07


def test_a_set_that_rises_together_is_found():
    assert share_of_rises(0.5) >= 0.8


def test_leaving_a_gene_out_is_scoring_without_it():
    replicates = drawn(4, 0.5)
    each = pd.Series(np.arange(1.0, 11), index=replicates.values.index)
    found = p_values_without_one_gene(replicates, each, A, Prior(0.05, 2.0))
    for gene in each.index:
        scored = score_samples(replicates, {"rest": each.drop(gene)})._replace(
            prior=Prior(0.05, 2.0)
        )
        assert found[gene] == pytest.approx(set_changes(scored, A)["p_value"].item())


def test_a_set_that_turns_without_one_gene_has_a_p_value_of_1():
    replicates = drawn(5, [9.0] + [-0.5] * 9, together=0.0)
    found = p_values_without_one_gene(replicates, weights(replicates), A, NONE)
    assert found["g0"] == 1
    assert found.idxmax() == "g0"


def test_levels_of_genes_do_not_matter():
    replicates = drawn(6, 0.5)
    moved = replicates._replace(values=replicates.values.add(range(10), axis=0))
    first, second = (
        set_changes(score_samples(each, {"set": weights(each)}), A) for each in (replicates, moved)
    )
    pd.testing.assert_frame_equal(first, second)


def test_without_sets_there_is_nothing_to_test():
    assert set_changes(score_samples(drawn(1), {}), A).empty


def test_holms_p_values_are_those_of_his_procedure():
    assert holm([0.01, 0.04, 0.03, 0.5]).tolist() == pytest.approx([0.04, 0.09, 0.09, 0.5])
    assert holm([0.6, 0.9]).tolist() == [1.0, 1.0]
    assert holm([]).tolist() == []
