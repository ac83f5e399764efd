import numpy as np
import pandas as pd
import pytest

from contrast_results import sidecar
from imid.differential import fitting
from imid.evidence.compare_drugs import compared, slope_of, with_both
from imid.evidence.slope_by_replicates import by_replicates
from imid.synthetic.simulate_counts import TREATMENTS, usual_trend
from two_drugs import along_a_line

FIRST, SECOND = sidecar("lenalidomide"), sidecar("pomalidomide")


def slopes(counts, metadata, design="~ treatment"):
    """The slope with genes as independent, and by replicates."""
    fit = fitting.fit(counts, metadata, design, "dmso")
    table = compared(fit, FIRST, SECOND)
    plain = slope_of(table, 0.05)
    return plain, by_replicates(plain, fit, FIRST, SECOND, table.index[with_both(table)])


def together(seed, slope=1.5, genes=600):
    """Genes of which a fifth answers along a line, and all go together from sample to sample."""
    random = np.random.default_rng([seed, 5])
    group = np.repeat([0, 1, 2], 3)
    means = 200 * np.exp(random.normal(0, 1, genes))
    effect = np.where(random.random(genes) < 0.2, random.normal(0, 1, genes), 0.0)
    changes = np.column_stack([np.zeros(genes), effect, slope * effect])[:, group]
    # The strength of the answer differs between replicates, and so do two programmes of genes.
    changes = changes * (1 + random.normal(0, 0.15, 9))
    programmes = random.normal(0, 0.15, (genes, 2)) @ random.normal(0, 1, (2, 9))
    mu = means[:, None] * 2**changes * np.exp(programmes)
    spread = usual_trend(means)[:, None]
    counts = random.poisson(random.gamma(1 / spread, mu * spread))
    samples = [f"{TREATMENTS[place]}_{number % 3}" for number, place in enumerate(group)]
    names = [f"gene_{number:04d}" for number in range(genes)]
    metadata = pd.DataFrame({"treatment": np.array(TREATMENTS)[group]}, index=samples)
    return pd.DataFrame(counts, names, samples), metadata


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The dispersion trend")
def test_the_interval_holds_the_slope_where_genes_go_together():
    found = [slopes(*together(seed)) for seed in range(60)]
    covered = np.array([[low < 1.5 < high for _, low, high, *_ in pair] for pair in found]).mean(
        axis=0
    )
    print(f"genes as independent {covered[0]:.2f}, by replicates {covered[1]:.2f}")
    assert covered[0] < 0.8
    assert covered[1] > 0.95 - 3 * np.sqrt(0.05 * 0.95 / 60)


def test_the_slope_stays_and_the_interval_is_of_all_samples():
    plain, found = slopes(*along_a_line(1, 1.5, genes=400))
    assert found.slope == pytest.approx(plain.slope)
    assert found.low < found.slope < found.high
    assert (found.left_out, plain.left_out) == (9, 0)
    assert found.genes == plain.genes


def test_a_group_of_one_sample_leaves_the_interval_as_it_is():
    counts, metadata = along_a_line(1, 1.5, genes=400)
    kept = metadata.index.drop(metadata.index[-2:])
    plain, found = slopes(counts[kept], metadata.loc[kept])
    assert plain.slope is not None
    assert found == plain


def test_other_treatments_and_batches_may_be_in_the_fit():
    counts, metadata = along_a_line(1, 1.5, genes=400)
    batch = metadata.assign(batch=["1", "2", "3"] * 3)
    _, found = slopes(counts, batch, "~ batch + treatment")
    assert found.left_out == 9
    assert found.low < 1.5 < found.high
