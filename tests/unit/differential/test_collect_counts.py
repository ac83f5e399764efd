import pandas as pd
import pytest

from imid.differential import collect_counts
from imid.differential.collect_counts import join_counts
from imid.shared.counters import COUNTERS
from imid.shared.json_files import write_json
from imid.shared.problems import InputError
from imid.shared.sample_checks import SampleChecks
from imid.shared.tables import read_table

GENES = pd.DataFrame(
    {
        "gene_id": ["A", "B", "C"],
        "gene_name": ["Aye", "Bee", "C"],
        "biotype": "protein_coding",
        "length": [1000, 500, 2000],
    }
)
SPECIAL = "".join(f"{counter}\t{number}\n" for number, counter in enumerate(COUNTERS))


def series(**counts):
    return pd.Series(counts)


def test_samples_stand_side_by_side_in_the_order_given():
    matrix = join_counts(GENES, {"s2": series(A=1, B=2, C=3), "s1": series(A=4, B=5, C=6)})
    assert matrix.columns.tolist() == ["gene_id", "gene_name", "s2", "s1"]
    assert matrix["gene_name"].tolist() == ["Aye", "Bee", "C"]
    assert matrix["s1"].tolist() == [4, 5, 6]


def test_counts_follow_the_genes_whatever_their_order_in_the_sample():
    matrix = join_counts(GENES, {"s1": series(C=3, A=1, B=2)})
    assert matrix["s1"].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    "counts",
    [series(A=1, B=2), series(A=1, B=2, C=3, D=4), series(A=1, B=2, D=3)],
    ids=["a gene less", "a gene more", "another gene"],
)
def test_counts_over_another_annotation_are_refused(counts):
    with pytest.raises(InputError, match=r"sample s2 .*annotation"):
        join_counts(GENES, {"s1": series(A=1, B=2, C=3), "s2": counts})


def test_every_sample_of_another_annotation_is_told():
    wrong = series(A=1)
    with pytest.raises(InputError) as caught:
        join_counts(GENES, {"s1": wrong, "s2": series(A=1, B=2, C=3), "s3": wrong})
    assert [problem.split()[1] for problem in caught.value.problems] == ["s1", "s3"]


def checks(folder, **reads):
    """Write what is known of the samples' reads, and give it as options."""
    for sample, own in reads.items():
        write_json(SampleChecks({}, own, None), folder / f"{sample}.json")
    return ["--checks", *(str(folder / f"{sample}.json") for sample in reads)]


@pytest.mark.parametrize(
    ("counts", "reads", "words"),
    [
        (range(1, 41), {"b.fq": "1"}, "samples s1 and s2: a.fq and b.fq have the same content"),
        (range(40), {"b.fq": "2"}, "samples s1 and s2 have the same counts in every gene"),
    ],
    ids=["same files", "same counts"],
)
def test_the_same_reads_under_two_samples_are_refused(tmp_path, counts, reads, words):
    names = [f"G{n:02d}" for n in range(40)]
    genes = pd.DataFrame({"gene_id": names, "gene_name": names, "biotype": "x", "length": 1000})
    genes.to_csv(tmp_path / "genes.tsv", sep="\t", index=False)
    for sample, column in [("s1", range(40)), ("s2", counts)]:
        lines = [f"{name}\t{count}\n" for name, count in zip(names, column, strict=True)]
        (tmp_path / f"{sample}.tsv").write_text(f"gene_id\tcount\n{''.join(lines)}{SPECIAL}")
    arguments = ["--genes", str(tmp_path / "genes.tsv"), "--samples", "s1", "s2"]
    arguments += ["--sample-counts", str(tmp_path / "s1.tsv"), str(tmp_path / "s2.tsv")]
    arguments += checks(tmp_path, s1={"a.fq": "1"}, s2=reads)
    for unit in ["counts", "fpkm", "tpm"]:
        arguments += [f"--{unit}", str(tmp_path / f"{unit}.out.tsv")]
    with pytest.raises(InputError) as caught:
        collect_counts.main(arguments)
    assert [problem[: len(words)] for problem in caught.value.problems] == [words]
    assert not list(tmp_path.glob("*.out.tsv"))


@pytest.fixture
def matrices(tmp_path):
    """The three matrices of two samples, one of them called by a number."""
    GENES.to_csv(tmp_path / "genes.tsv", sep="\t", index=False)
    (tmp_path / "a.tsv").write_text(f"gene_id\tcount\nA\t10\nB\t30\nC\t60\n{SPECIAL}")
    (tmp_path / "b.tsv").write_text(f"gene_id\tcount\nA\t5\nB\t0\nC\t0\n{SPECIAL}")
    arguments = ["--genes", str(tmp_path / "genes.tsv"), "--samples", "s1", "02"]
    arguments += ["--sample-counts", str(tmp_path / "a.tsv"), str(tmp_path / "b.tsv")]
    arguments += checks(tmp_path, s1={"a.fq": "1"}, s2={"b.fq": "2"})
    units = ["counts", "fpkm", "tpm"]
    for unit in units:
        arguments += [f"--{unit}", str(tmp_path / f"{unit}.out.tsv")]
    collect_counts.main(arguments)
    return {unit: read_table(tmp_path / f"{unit}.out.tsv") for unit in units}


def test_every_matrix_has_every_gene_and_sample(matrices):
    for matrix in matrices.values():
        assert matrix.columns.tolist() == ["gene_id", "gene_name", "s1", "02"]
        assert matrix["gene_id"].tolist() == ["A", "B", "C"]


def test_counts_are_published_as_counted(matrices):
    assert matrices["counts"]["s1"].tolist() == [10, 30, 60]
    assert matrices["counts"]["02"].tolist() == [5, 0, 0]


def test_units_are_computed_over_the_genes_lengths(matrices):
    # s1: 10, 60 and 30 fragments for each kilobase; 100 fragments in all.
    assert matrices["tpm"]["s1"].tolist() == pytest.approx([100_000, 600_000, 300_000])
    assert matrices["fpkm"]["s1"].tolist() == pytest.approx([100_000, 600_000, 300_000])
    assert matrices["tpm"]["02"].tolist() == pytest.approx([1e6, 0, 0])
    assert matrices["fpkm"]["02"].tolist() == pytest.approx([1e6, 0, 0])


def test_as_many_files_as_samples_are_needed(tmp_path):
    GENES.to_csv(tmp_path / "genes.tsv", sep="\t", index=False)
    (tmp_path / "a.tsv").write_text(f"gene_id\tcount\nA\t1\nB\t1\nC\t1\n{SPECIAL}")
    arguments = ["--genes", str(tmp_path / "genes.tsv"), "--samples", "s1", "s2"]
    arguments += ["--sample-counts", str(tmp_path / "a.tsv"), *checks(tmp_path, s1={}, s2={})]
    for unit in ["counts", "fpkm", "tpm"]:
        arguments += [f"--{unit}", str(tmp_path / f"{unit}.out.tsv")]
    with pytest.raises(ValueError, match="shorter"):
        collect_counts.main(arguments)
