"""Rows that are no genes."""

import pandas as pd
import pytest

from imid.userfiles.matrix_rows import gene_rows
from small_matrix import counts

MATRIX = counts(genes=50)


def rows(*added):
    """Look at a matrix with rows added, each an id and its numbers."""
    extra = pd.DataFrame(dict(added)).T
    extra.columns = MATRIX.columns
    matrix = pd.concat([MATRIX, extra]).reset_index(names="gene_id")
    matrix.index += 2
    return gene_rows(matrix["gene_id"], matrix.drop(columns="gene_id").astype(float))


@pytest.mark.parametrize(
    "name",
    [
        *["__no_feature", "__alignment_not_unique", "no_feature", "too_low_aQual"],
        *["N_unmapped", "N_noFeature", "N_ambiguous", "Unassigned_NoFeatures", "Assigned"],
    ],
)
def test_counters_are_left_out(name):
    found = rows((name, [5, 4, 3, 2, 1, 0]))
    assert found.counters == [name]
    assert list(found.kept) == [True] * 50 + [False]
    assert not found.unclear


@pytest.mark.parametrize("name", ["Total", "SUM", "Grand total:", "anything", "library_size"])
def test_a_total_is_known_by_its_numbers(name):
    found = rows((name, MATRIX.sum()))
    assert found.totals == [52]
    assert found.kept.sum() == 50
    assert not found.unclear


def test_a_total_may_count_what_is_no_gene():
    counter = pd.Series([9, 8, 7, 6, 5, 4], MATRIX.columns)
    for total in [MATRIX.sum(), MATRIX.sum() + counter]:
        assert rows(("__ambiguous", counter), ("all", total)).totals == [53]


def test_a_total_of_some_columns_is_unclear():
    found = rows(("x", MATRIX.sum().where(MATRIX.columns != "len_1", 7)))
    assert found.totals == []
    assert "equals the sum of the other rows in 5 of 6 columns" in found.unclear[52]


@pytest.mark.parametrize("name", ["Total", "average", "Summe", "size factors"])
def test_a_summary_of_other_numbers_is_unclear(name):
    assert list(rows((name, [1, 2, 3, 4, 5, 6])).unclear) == [52]


@pytest.mark.parametrize("name", ["MAX", "SUMO1", "N_x", "_x", "MEAN1", "TOTAL1"])
def test_genes_are_genes(name):
    found = rows((name, [1, 2, 3, 4, 5, 6]))
    assert found.kept.all()
    assert not found.unclear


def test_a_gene_with_half_of_all_counts_is_a_gene():
    """As an immunoglobulin chain in myeloma may have, but not to the fragment."""
    assert rows(("IGKC", MATRIX.sum() + 1)).kept.all()
