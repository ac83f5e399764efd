import numpy as np
import pandas as pd
import pytest

from imid.differential.expression import fpkm, tpm

COUNTS = pd.DataFrame({"s1": [10, 30, 60], "s2": [5, 0, 0], "s3": [0, 0, 0]}, index=list("abc"))
LENGTH = pd.Series([1000, 500, 2000], index=list("abc"))


def test_fpkm_by_hand():
    # s1 has 100 fragments: 1e-4 million. Gene b: 30 / 0.5 kb / 1e-4.
    values = fpkm(COUNTS, LENGTH)
    np.testing.assert_allclose(values["s1"], [100_000, 600_000, 300_000])
    np.testing.assert_allclose(values["s2"], [1_000_000, 0, 0])


def test_tpm_by_hand():
    # Fragments for each kilobase in s1: 10, 60, 30; together 100.
    np.testing.assert_allclose(tpm(COUNTS, LENGTH)["s1"], [100_000, 600_000, 300_000])


def random_counts():
    rng = np.random.default_rng(1)
    genes = [f"g{number}" for number in range(50)]
    counts = pd.DataFrame(rng.poisson(20, (50, 4)), index=genes)
    return counts, pd.Series(rng.integers(50, 9000, 50), index=genes)


def test_tpm_of_a_sample_sums_to_a_million():
    np.testing.assert_allclose(tpm(*random_counts()).sum(), 1e6)


def test_tpm_does_not_depend_on_depth_but_fpkm_shares_its_proportions():
    counts, length = random_counts()
    pd.testing.assert_frame_equal(tpm(counts * 7, length), tpm(counts, length))
    ratio = fpkm(counts, length) / tpm(counts, length)
    assert (ratio.std() < 1e-9 * ratio.mean()).all()


@pytest.mark.parametrize("unit", [fpkm, tpm])
def test_a_sample_without_any_count_is_zero_everywhere(unit):
    assert unit(COUNTS, LENGTH)["s3"].tolist() == [0, 0, 0]


@pytest.mark.parametrize("unit", [fpkm, tpm])
def test_lengths_belong_to_genes_by_name(unit):
    pd.testing.assert_frame_equal(unit(COUNTS, LENGTH[::-1]), unit(COUNTS, LENGTH))
