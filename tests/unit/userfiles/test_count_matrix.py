"""Count matrices as people and programs write them: what is read of each."""

import csv
import gzip

import pandas as pd
import pytest

from imid.differential import list_matrix_genes, select_counts
from imid.shared.problems import InputError
from imid.shared.run_warnings import gather_warnings
from imid.shared.tables import read_table, write_table
from imid.userfiles.count_matrix import counts_of, read_matrix
from small_matrix import SAMPLES, counts, text

NAME = "counts.tsv"
MATRIX = "gene_id\tgene_name\ts2\ts1\nENSG1\tIRF4\t10\t1\nENSG2\t\t20\t2\n"
EXPECTED = pd.DataFrame(
    {"gene_id": ["ENSG1", "ENSG2"], "gene_name": ["IRF4", "ENSG2"], "s1": [1, 2], "s2": [10, 20]}
)


def read(tmp_path, content):
    path = tmp_path / NAME
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_matrix(path, NAME)


def said(tmp_path, content):
    """The one thing that is said of a file that cannot be read."""
    with pytest.raises(InputError) as raised:
        read(tmp_path, content)
    (problem,) = raised.value.problems
    return problem


QUOTED = "\n".join(
    "\t".join(cell if cell.isdigit() else f'"{cell}"' for cell in line.split("\t"))
    for line in MATRIX.splitlines()
)


@pytest.mark.parametrize(
    "content",
    [
        MATRIX,
        "\ufeff" + MATRIX,
        MATRIX.replace("\n", "\r\n"),
        MATRIX.replace("\n", "\r"),
        MATRIX.rstrip("\n"),
        MATRIX.replace("\n", "\n\n"),
        MATRIX.replace("\n", "\t\n"),
        MATRIX.replace("0\t1\n", "0\t1\t\t\n").replace("0\t2\n", "0\t2\t\n"),
        MATRIX.replace("\t", " \t ").replace("\n", " \n"),
        QUOTED,
        "# program\n#\n" + MATRIX,
        "# program\n#" + MATRIX,
        MATRIX.replace("gene_id", "Geneid"),
        MATRIX.replace("gene_id", ""),
        MATRIX.replace("gene_name", "external gene name"),
        MATRIX.replace("\t\t20", "\tNA\t20"),
        MATRIX.replace("10\t", "1e+01\t").replace("20\t", "20.00\t"),
        gzip.compress(MATRIX.encode(), mtime=0),
        "gene_name\tgene_id\ts1\ts2\nIRF4\tENSG1\t1\t10\n\tENSG2\t2\t20\n",
        "\tgene_id\tgene_name\ts1\ts2\n0\tENSG1\tIRF4\t1\t10\n1\tENSG2\t\t2\t20\n",
        "gene_name\ts1\ts2\nENSG1\tIRF4\t1\t10\nENSG2\t\t2\t20\n",
        "gene_name\ts1\ts2\nENSG1\tIRF4\t1\t10\t\nENSG2\t\t2\t20\t\n",
    ],
)
def test_one_matrix_in_many_hands(tmp_path, content):
    """The samples are taken by name, whatever programs and spreadsheets leave around them."""
    pd.testing.assert_frame_equal(counts_of(read(tmp_path, content), ["s1", "s2"]), EXPECTED)


def test_without_names_the_ids_stand_for_them(tmp_path):
    matrix = read(tmp_path, "id\ts1\ts2\n01\t1\t2\nnan\t3\t4\nNA\t5\t6\n")
    taken = counts_of(matrix, ["s1", "s2"])
    assert taken["gene_id"].tolist() == taken["gene_name"].tolist() == ["01", "nan", "NA"]


def test_an_id_may_begin_with_a_hash(tmp_path):
    """Comments stand before the header; later such a line is a row."""
    matrix = read(tmp_path, MATRIX.replace("ENSG1", "#ENSG1"))
    assert list(matrix["gene_id"]) == ["#ENSG1", "ENSG2"]


def test_lines_are_those_of_the_file(tmp_path):
    assert list(read(tmp_path, "# a\n\n" + MATRIX.replace("\n", "\n\n")).index) == [5, 7]


@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
def test_a_matrix_as_pandas_and_r_quote_it(tmp_path, quoting):
    matrix = counts()
    taken = counts_of(read(tmp_path, text(matrix, quoting=quoting)), SAMPLES)
    pd.testing.assert_frame_equal(taken.set_index("gene_id")[SAMPLES], matrix)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (MATRIX + "ENSG3\tx\t1\n", "line 4: has 3 cells, but the header has 4"),
        (MATRIX + "# the end\n", "line 4: has 1 cells, but the header has 4"),
        ("gene_id\ts1\ts2\n", "a header and rows of genes are needed"),
        ("# only\n# comments\n", "a header and rows of genes are needed"),
        (MATRIX.replace("\t", ","), "has one column; the columns are separated by commas"),
        (MATRIX.replace("\t", ";"), "has one column; the columns are separated by semicolons"),
        (MATRIX.replace("\t", "  "), "has one column; the columns are separated by spaces"),
        (MATRIX.encode("utf-16"), "is UTF-16 text; save it as tab-separated text in UTF-8"),
        (MATRIX.encode("utf-16-le"), "line 1: has a NUL byte"),
        (MATRIX.encode() + bytes(1), "line 4: has a NUL byte, so it is damaged or no text"),
        (MATRIX.encode() + b"\xe9\t\t1\t2\n", "line 4: is not UTF-8 text"),
        (gzip.compress(MATRIX.encode(), mtime=0)[:-9], "is truncated: its gzip stream ends early"),
        (gzip.compress(MATRIX.encode(), mtime=0)[:-8] + bytes(8), "is damaged: its gzip stream"),
        (b"", "is empty"),
    ],
)
def test_what_is_no_matrix_is_told(tmp_path, content, message):
    problem = said(tmp_path, content)
    assert problem.startswith(NAME)
    assert message in problem


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(InputError, match=r"counts\.tsv: does not exist"):
        read_matrix(tmp_path / NAME, NAME)


def list_genes(tmp_path, content, *options):
    (tmp_path / NAME).write_text(content)
    output = tmp_path / "genes.tsv"
    written = ["--table", str(output), "--warnings", str(tmp_path / "warnings.tsv")]
    list_matrix_genes.main(["--matrix", str(tmp_path / NAME), *written, *options])
    return output


def test_the_commands_write_genes_and_the_samples_of_a_fit(tmp_path):
    matrix = counts()
    matrix = matrix.rename(index={matrix.index[5]: "NA"})
    total = matrix.sum().to_frame("Total").T
    content = text(pd.concat([matrix, total]), index_label="gene_id")
    genes = list_genes(tmp_path, content + "__no_feature" + "\t1" * 6 + "\n")
    output = tmp_path / "out.tsv"
    arguments = ["--matrix", str(tmp_path / NAME), "--genes", str(genes), "--samples", "len_1"]
    select_counts.main([*arguments, "--counts", str(output)])
    table = read_table(output)
    assert table.columns.tolist() == ["gene_id", "gene_name", "len_1"]
    assert gather_warnings([], [tmp_path / "warnings.tsv"]) == []
    assert table["gene_id"].tolist() == read_table(genes)["gene_id"].tolist() == list(matrix.index)
    assert table["len_1"].tolist() == list(matrix["len_1"])


def test_an_annotation_gives_names_and_units(tmp_path):
    """Genes without a length have no TPM; the others' sum to a million."""
    annotation = tmp_path / "annotation.tsv"
    described = {"gene_id": ["ENSG1.7", "ENSG9"], "gene_name": ["IRF4", "X"]}
    write_table(pd.DataFrame(described | {"biotype": "coding", "length": 500}), annotation)
    content = "gene_id\ts1\ts2\nENSG1\t1\t10\nENSG2\t2\t20\n"
    genes = list_genes(tmp_path, content, "--annotation", str(annotation), "--gtf", "a.gtf")
    table = read_table(genes).fillna("-")
    assert table.to_numpy().tolist() == [
        ["ENSG1", "IRF4", "coding", 500],
        ["ENSG2", "ENSG2", "-", "-"],
    ]
    (warning,) = gather_warnings([], [tmp_path / "warnings.tsv"])
    assert warning["about"] is None
    assert "1 of 2 genes (50.0%) are not in a.gtf (ENSG2)" in warning["warning"]
    names = {unit: str(tmp_path / f"{unit}.tsv") for unit in ["counts", "fpkm", "tpm"]}
    options = [word for unit, path in names.items() for word in [f"--{unit}", path]]
    arguments = ["--matrix", str(tmp_path / NAME), "--genes", str(genes), "--samples", "s1"]
    select_counts.main([*arguments, *options])
    assert read_table(names["counts"])["gene_name"].tolist() == ["IRF4", "ENSG2"]
    assert read_table(names["tpm"]).to_numpy().tolist() == [["ENSG1", "IRF4", 1e6]]


def test_an_annotation_of_other_genes_is_refused(tmp_path):
    annotation = tmp_path / "annotation.tsv"
    described = {"gene_id": ["ENSG9"], "gene_name": ["IRF4"], "biotype": "x", "length": 1}
    write_table(pd.DataFrame(described), annotation)
    with pytest.raises(InputError) as raised:
        list_genes(tmp_path, "id\ts1\nIRF4\t1\n", "--annotation", str(annotation), "--gtf", "a.gtf")
    (problem,) = raised.value.problems
    assert problem.endswith(
        "counts.tsv and a.gtf have no gene_id in common: IRF4 against ENSG9; 1 of its ids are gene"
        " names there, and ids are needed"
    )
