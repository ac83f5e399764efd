import numpy as np
import pandas as pd
import pytest

from imid.differential.check_depth import FEWEST_GENES, depth_findings
from imid.synthetic.simulate_counts import EXPERIMENTS, simulate

PAIR = EXPERIMENTS["three_groups"]._replace(factors={"treatment": ["dmso", "lenalidomide"]})


@pytest.fixture
def counts():
    """Six good samples of some 80,000 fragments and more, 200 genes."""
    return simulate(PAIR, 200, seed=1).counts


def findings(counts, lines=None):
    lines = pd.Series("MM1S", index=counts.columns) if lines is None else lines
    return depth_findings(counts, lines)


def thinned(column, share, seed=0):
    return np.random.default_rng(seed).binomial(column.to_numpy(), share)


def test_good_samples_are_passed_over(counts):
    assert findings(counts) == ([], [])


def test_a_sample_without_counts_is_refused_by_name_with_the_remedy(counts):
    sample = counts.columns[4]
    counts[sample] = 0
    (problem,), warnings = findings(counts)
    assert problem.startswith(f"sample {sample} has no fragment in genes, where the median of MM1S")
    assert f"exclude: [{{sample: {sample}, reason: failed library}}]" in problem
    assert warnings == []


def test_so_is_one_of_three_fragments(counts):
    sample = counts.columns[0]
    counts[sample] = 0
    counts.iloc[[3, 50, 70], 0] = 1
    (problem,), _ = findings(counts)
    assert f"sample {sample} has 3 fragments in genes" in problem


@pytest.mark.parametrize("failed", [2, 4])
def test_all_that_failed_are_told_and_no_other(counts, failed):
    names = counts.columns[:failed].tolist()
    for name in names:
        counts[name] = thinned(counts[name], 1e-4)
    problems, _ = findings(counts)
    assert [problem.split()[1] for problem in problems] == names


@pytest.mark.parametrize("replicates", [0, 1])
def test_a_pair_of_which_one_failed(counts, replicates):
    pair = counts.iloc[:, :2].copy()
    pair.iloc[:, replicates] = thinned(pair.iloc[:, replicates], 1e-3)
    problems, _ = findings(pair)
    assert [problem.split()[1] for problem in problems] == [pair.columns[replicates]]


def test_a_shallow_sample_that_has_most_genes_is_a_warning_with_its_figure(counts):
    sample = counts.columns[1]
    counts[sample] = thinned(counts[sample], 0.05)
    problems, (warning,) = findings(counts)
    total = counts.sum()
    assert problems == []
    assert f"sample {sample} has {total[sample]:,} fragments" in warning
    assert f"{100 * total[sample] / total.median():.1f} % of the median of MM1S" in warning


@pytest.mark.parametrize(("share", "told"), [(0.3, ""), (0.03, "warning"), (0.001, "problem")])
def test_what_is_told_at_which_depth(counts, share, told):
    counts.iloc[:, 2] = thinned(counts.iloc[:, 2], share)
    problems, warnings = findings(counts)
    assert (bool(problems), bool(warnings)) == (told == "problem", told == "warning")


def test_deep_samples_do_not_make_a_usual_one_fail(counts):
    counts.iloc[:, 1:] *= 1000
    problems, warnings = findings(counts)
    assert problems == []
    assert len(warnings) == 1


def test_a_line_is_held_against_its_own_samples(counts):
    other = (counts * 300).add_prefix("other_")
    lines = pd.Series(["MM1S"] * 6 + ["other"] * 6, index=[*counts.columns, *other.columns])
    assert findings(counts.join(other), lines) == ([], [])


def test_a_line_without_any_counts_is_one_problem(counts):
    lines = pd.Series("MM1S", index=counts.columns)
    (problem,), _ = depth_findings(counts * 0, lines)
    assert problem.startswith("MM1S: no sample has 100 fragments in genes (the most are 0)")


@pytest.mark.parametrize("genes", [1, FEWEST_GENES - 1])
def test_too_few_genes(counts, genes):
    few = counts.loc[counts.sum(axis=1).nlargest(genes).index]
    (problem,), _ = findings(few)
    assert problem.startswith(f"MM1S: {genes} of its genes ha")


def test_enough_genes_among_many_without_counts(counts):
    counts.loc[counts.sum(axis=1).nsmallest(190).index] = 0
    assert findings(counts)[0] == []
