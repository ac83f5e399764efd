from imid.shared.counters import COUNTERS
from imid.shared.sample_counts import read_counts

SPECIAL = "".join(f"{name}\t{number}\n" for number, name in enumerate(COUNTERS))


def test_special_counters_are_left_out(tmp_path):
    (tmp_path / "counts.tsv").write_text(f"gene_id\tcount\nA\t10\nB\t30\n{SPECIAL}")
    assert read_counts(tmp_path / "counts.tsv").to_dict() == {"A": 10, "B": 30}


def test_a_gene_of_one_leading_underscore_is_kept(tmp_path):
    (tmp_path / "counts.tsv").write_text(f"gene_id\tcount\n_A\t10\n{SPECIAL}")
    assert read_counts(tmp_path / "counts.tsv").to_dict() == {"_A": 10}
