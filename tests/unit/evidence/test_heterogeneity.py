"""Whether lines differ, in one model of them: truth is planted, and looked for."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest

from imid.differential import deseq, fitting
from imid.evidence.heterogeneity import heterogeneity
from imid.inference import quasi_likelihood as ql
from imid.question.contrasts import Contrast
from imid.shared.significance import benjamini_hochberg
from imid.synthetic.simulate_counts import usual_trend

DRUG = Contrast("treatment", "drug", "dmso")
GENES = 1500
SAMPLES = pd.DataFrame({"treatment": np.repeat(["dmso", "drug"], 3)}, list("abcdef"))


def line(effects, means, random, scatter=0.0):
    """Counts of a line, three against three; of log dispersions, how genes are off the trend."""
    own = random.normal(0, 0.3, len(means))
    dispersions = usual_trend(means) * np.exp(scatter + own)
    mu = means[:, None] * 2 ** np.outer(effects, np.repeat([0, 1], 3))
    mu = mu * np.exp(random.normal(0, 0.2, 6))
    counts = random.poisson(random.gamma(1 / dispersions[:, None], mu * dispersions[:, None]))
    names = pd.Index([f"gene_{number:04d}" for number in range(len(means))], name="gene_id")
    return pd.DataFrame(counts, names, SAMPLES.index)


def fitted(counts, **settings):
    return fitting.fit(counts, SAMPLES, "~ treatment", "dmso", **settings)


def experiment(number, seed, differing=0.1):
    """The fits of some lines, and which genes answer otherwise than in the first one."""
    random = np.random.default_rng([seed, number])
    means = 200 * np.exp(random.normal(0, 1.3, GENES))
    shared = np.where(random.random(GENES) < 0.2, random.normal(0, 1.5, GENES), 0.0)
    differs = random.random(GENES) < differing
    # As in real sets; the lines' share of it.
    scatter = random.normal(0, 0.75, GENES)
    fits = {}
    for place in range(number):
        own = np.where(differs & (place > 0), random.normal(0, 2, GENES), 0.0)
        fits[f"line_{place}"] = fitted(line(shared + own, means, random, scatter))
    return fits, differs


@pytest.fixture(scope="module", params=[2, 4])
def lines(request):
    return experiment(request.param, seed=1)


def test_where_lines_agree_p_values_are_uniform(lines):
    fits, differs = lines
    found = heterogeneity(fits, DRUG)["heterogeneity_p_value"]
    agree = found[~differs[fits["line_0"].genes.index.get_indexer(found.index)]]
    assert len(agree) > 1000
    assert kstest(agree, "uniform").pvalue > 0.01
    assert (agree < 0.005).mean() < 0.01


@pytest.mark.slow
@pytest.mark.parametrize(("number", "power"), [(2, 0.2), (4, 0.3)])
def test_a_twentieth_of_the_genes_that_differ_do_not_at_most(number, power):
    """Of Cochran's Q, which takes standard errors as known, a tenth and more."""
    false, found = [], []
    for seed in range(12):
        fits, differs = experiment(number, seed)
        table = heterogeneity(fits, DRUG)
        rates = benjamini_hochberg(table["heterogeneity_p_value"].to_numpy())
        called = table.index[rates < 0.05]
        truth = pd.Series(differs, fits["line_0"].genes.index)
        false.append(1 - truth[called].mean())
        found.append(truth[called].sum() / differs.sum())
    print(f"{number} lines: false {np.mean(false):.3f}, power {np.mean(found):.3f}")
    assert np.mean(false) < 0.05 + 2 * np.std(false) / np.sqrt(12)
    assert np.mean(found) > power


def test_of_two_lines_it_is_the_test_of_their_interaction(lines):
    """In one model with an interaction, at the dispersions that are used here."""
    fits, _ = lines
    pair = dict(list(fits.items())[:2])
    found = heterogeneity(pair, DRUG)
    counts = np.hstack([fit.counts.T for fit in pair.values()]).astype(float)
    places = fits["line_0"].genes.index.get_indexer(found.index)
    size_factors = np.concatenate([fit.size_factors for fit in pair.values()])
    trends = [
        fit.trend.curve((fit.counts.T[places] / fit.size_factors.to_numpy()).mean(axis=1))
        for fit in pair.values()
    ]
    treated, second = np.tile(np.repeat([0.0, 1.0], 3), 2), np.repeat([0.0, 1.0], 6)
    design = np.column_stack([np.ones(12), treated, second, treated * second])
    model = ql.fit_quasi(counts[places], size_factors, design, np.sqrt(np.prod(trends, axis=0)))
    statistics, _ = ql.f_statistics(model, np.array([0.0, 0, 0, 1]))
    ratios = np.log(found["heterogeneity_f"].to_numpy() / statistics)
    assert np.quantile(np.abs(ratios), 0.99) < 0.02


def test_neither_the_order_of_lines_nor_a_reference_matters(lines):
    fits, _ = lines
    expected = heterogeneity(fits, DRUG)
    turned = heterogeneity(dict(list(fits.items())[::-1]), DRUG).loc[expected.index]
    pd.testing.assert_frame_equal(turned, expected, rtol=1e-3)


def test_a_gene_is_asked_for_the_lines_that_have_it():
    random = np.random.default_rng(3)
    means, none = np.full(600, 300.0), np.zeros(600)
    counts = [line(none, means, random) for _ in range(3)]
    counts[1].iloc[:20] = random.poisson(0.3, (20, 6))
    counts[1].iloc[20:30] = 0
    counts[0].iloc[:10] = counts[2].iloc[20:25] = 0
    found = heterogeneity({str(n): fitted(each) for n, each in enumerate(counts)}, DRUG)
    asked = found["heterogeneity_p_value"]
    assert not asked.index.isin([f"gene_{n:04d}" for n in [*range(10), *range(20, 25)]]).any()
    assert asked.reindex([f"gene_{n:04d}" for n in [*range(10, 20), *range(25, 600)]]).notna().all()


def test_a_gene_that_other_annotations_lack_is_asked_for_the_others():
    random = np.random.default_rng(4)
    means, none = np.full(400, 300.0), np.zeros(400)
    counts = [line(none, means, random) for _ in range(3)]
    counts[2] = counts[2].iloc[50:]
    found = heterogeneity({str(n): fitted(each) for n, each in enumerate(counts)}, DRUG)
    assert len(found) == 400


def test_lines_that_share_no_gene_have_no_test():
    random = np.random.default_rng(5)
    counts = line(np.zeros(300), np.full(300, 300.0), random)
    fits = {"a": fitted(counts.iloc[:150]), "b": fitted(counts.iloc[150:])}
    assert heterogeneity(fits, DRUG).empty


def test_designs_need_not_be_alike():
    """A batch that only one line has."""
    fits, _ = experiment(2, seed=6)
    counts = fits["line_1"].by_gene(fits["line_1"].counts)
    samples = SAMPLES.assign(batch=["1", "2", "1", "2", "1", "2"])
    other = fitting.fit(counts, samples, "~ batch + treatment", "dmso")
    found = heterogeneity({"a": fits["line_0"], "b": other}, DRUG)["heterogeneity_p_value"]
    assert found.notna().all()
    assert deseq.coefficients(other, DRUG).size == 3
