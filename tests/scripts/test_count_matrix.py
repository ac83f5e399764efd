"""Count matrices as people bring them, and what is said of those that are none."""

import gzip

import pandas as pd
import pytest

import select_counts
from count_matrix import counts_of, matrix_findings, read_matrix
from problems import InputError
from tables import read_table

NAME = "counts.tsv"
SAMPLES = ["s1", "s2"]
MATRIX = "gene_id\tgene_name\ts2\ts1\nENSG1\tIRF4\t10\t1\nENSG2\t\t20\t2\n"


def read(tmp_path, text):
    path = tmp_path / NAME
    path.write_text(text)
    return read_matrix(path, NAME)


def found(tmp_path, text):
    try:
        return matrix_findings(read(tmp_path, text), NAME, SAMPLES)[0]
    except InputError as error:
        return error.problems


def test_samples_are_taken_by_name(tmp_path):
    counts = counts_of(read(tmp_path, MATRIX), SAMPLES)
    expected = pd.DataFrame(
        {
            "gene_id": ["ENSG1", "ENSG2"],
            "gene_name": ["IRF4", "ENSG2"],
            "s1": [1, 2],
            "s2": [10, 20],
        }
    )
    pd.testing.assert_frame_equal(counts, expected)


def test_without_names_the_ids_stand_for_them(tmp_path):
    counts = counts_of(read(tmp_path, "id\ts1\ts2\n01\t1\t2\nnan\t3\t4\n"), SAMPLES)
    assert counts["gene_id"].tolist() == counts["gene_name"].tolist() == ["01", "nan"]


def test_a_matrix_as_r_writes_it(tmp_path):
    """No name above the first column, and whole numbers with decimals."""
    counts = counts_of(read(tmp_path, "s1\ts2\nTR24|c0\t90.00\t1e3\n"), SAMPLES)
    assert counts.iloc[0].tolist() == ["TR24|c0", "TR24|c0", 90, 1000]


def test_a_gzipped_matrix_with_comments(tmp_path):
    path = tmp_path / "counts.tsv.gz"
    path.write_bytes(gzip.compress(f"# a program\n{MATRIX}".encode()))
    assert len(read_matrix(path, "counts.tsv.gz")) == 2


def test_a_sound_matrix_has_no_problems(tmp_path):
    assert found(tmp_path, MATRIX) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (MATRIX.replace("\ts1", "\tS1"), "has no column 's1', which is a sample of the sheet"),
        (MATRIX.replace("gene_name\ts2", "s1\ts2"), "column 's1' is there twice"),
        (MATRIX.replace("\t20\t", "\t-2\t"), "line 3, column s2: '-2' is no count,"),
        (MATRIX.replace("\t20\t", "\tNA\t"), "line 3, column s2: 'NA' is no count,"),
        (MATRIX.replace("\t20\t", "\tinf\t"), "line 3, column s2: 'inf' is no count,"),
        (MATRIX.replace("ENSG2", "ENSG1"), "line 3, column gene_id: 'ENSG1' is there twice"),
        (MATRIX.replace("ENSG2", ""), "line 3, column gene_id: is empty"),
        (MATRIX + "ENSG3\tx\t1\n", "line 4: has 3 cells, but the header has 4"),
        ("gene_id\ts1\ts2\n", "a header and rows of genes are needed"),
        (MATRIX.replace("\t", ","), "has one column; columns must be separated by tabs"),
    ],
)
def test_one_fault_gives_its_message(tmp_path, text, message):
    (problem,) = found(tmp_path, text)
    assert problem.startswith(NAME)
    assert message in problem


def test_many_problems_are_told_in_brief(tmp_path):
    rows = "".join(f"g{n}\t-1\t-2\n" for n in range(100))
    problems = found(tmp_path, f"gene_id\ts1\ts2\n{rows}")
    assert len(problems) == 6
    assert problems[-1] == "… and 195 more such problems"


def test_estimated_counts_are_rounded_with_a_warning(tmp_path):
    matrix = read(tmp_path, MATRIX.replace("\t20\t", "\t20.7\t").replace("\t10\t", "\t100\t"))
    matrix["s1"] = ["99.2", "0"]
    warning = f"{NAME}: has fractions, as estimated counts do; they are rounded"
    assert matrix_findings(matrix, NAME, SAMPLES) == ([], [warning])
    assert counts_of(matrix, SAMPLES)[SAMPLES].to_numpy().tolist() == [[99, 100], [0, 21]]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["999000.5", "999.5"], "sums to a million, as TPM do; raw counts are needed"),
        (["12.31", "0.5"], "has fractions and no value above 30, as logarithms do"),
    ],
)
def test_other_units_are_refused(tmp_path, values, words):
    rows = "".join(f"g{n}\t{value}\n" for n, value in enumerate(values))
    problems, _ = matrix_findings(read(tmp_path, f"gene_id\ts1\n{rows}"), NAME, ["s1"])
    assert len(problems) == 1
    assert words in problems[0]


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(InputError, match=r"counts\.tsv: cannot be read: No such file"):
        read_matrix(tmp_path / NAME, NAME)


def test_the_command_writes_the_samples_of_a_fit(tmp_path):
    (tmp_path / NAME).write_text(MATRIX)
    output = tmp_path / "out.tsv"
    arguments = ["--matrix", str(tmp_path / NAME), "--samples", "s1", "--counts", str(output)]
    select_counts.main(arguments)
    assert read_table(output).columns.tolist() == ["gene_id", "gene_name", "s1"]
