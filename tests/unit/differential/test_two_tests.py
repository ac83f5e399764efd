import pytest

from imid.differential.two_tests import advice

FOUND = {"wald": 1234, "quasi_likelihood": 1017}


@pytest.mark.parametrize("replicates", [2, 3, 12])
def test_both_numbers_are_told_and_the_replicates(replicates):
    words = advice(FOUND, replicates)
    assert "1,234 by DESeq2's Wald test and 1,017 by the quasi-likelihood F-test" in words
    assert f"With {replicates} replicates" in words


def test_with_few_replicates_one_is_to_be_trusted_and_why():
    words = advice(FOUND, 3)
    assert "trust the quasi-likelihood F-test" in words
    assert "takes each gene's dispersion as known" in words
    assert "trust either" in advice(FOUND, 12)
