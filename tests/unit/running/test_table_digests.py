"""What of a table counts: its cells, in the columns that are read."""

import pytest

from imid.running.table_digests import digest_of_table

TABLE = "gene_id\tgroup\tnote\nG1\tcore\tfalls early\n"


@pytest.fixture
def digest(tmp_path):
    def of(text, columns=None):
        (tmp_path / "table.tsv").write_text(text)
        return digest_of_table(tmp_path / "table.tsv", columns)

    return of


def test_comments_and_blanks_do_not_count(digest):
    assert digest("# mine\n" + TABLE.replace("early\n", "early \n\n")) == digest(TABLE)


@pytest.mark.parametrize(("old", "new"), [("early", "late"), ("core", "more"), ("note", "notes")])
def test_a_cell_counts(digest, old, new):
    assert digest(TABLE.replace(old, new)) != digest(TABLE)


def test_a_column_that_is_not_read_does_not(digest):
    read = ["gene_id", "group"]
    assert digest(TABLE.replace("early", "late"), read) == digest(TABLE, read)
    assert digest(TABLE.replace("core", "more"), read) != digest(TABLE, read)
