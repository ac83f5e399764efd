"""Tables as people write them."""

import pytest

from imid.shared.problems import InputError
from imid.userfiles.check_table import cell_problems, column_problems, read_user_table
from imid.userfiles.schemas import load_schema


def read(tmp_path, content):
    path = tmp_path / "table.tsv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_user_table(path, "table.tsv")


@pytest.mark.parametrize(
    "content",
    [
        "a\tb\n1\tx y\n01\tNA\n",
        "\ufeffa\tb\n1\tx y\n01\tNA\n",
        "a\tb\r\n1\tx y\r\n01\tNA\r\n",
        "a\tb\r1\tx y\r01\tNA",
        "a\tb \n 1 \tx y\t\n01\tNA",
        "a\tb\t\n1\tx y\t\n01\tNA\t\n",
        '"a"\t"b"\n1\t"x y"\n01\tNA\n',
    ],
    ids=["plain", "BOM", "Windows", "old Mac", "spaces", "empty last column", "quotes"],
)
def test_the_same_table_in_many_guises(tmp_path, content):
    table = read(tmp_path, content)
    assert table.rows.to_dict("list") == {"a": ["1", "01"], "b": ["x y", "NA"]}
    assert table.rows.index.tolist() == [2, 3]
    assert table.header_line == 1


def test_lines_are_those_of_the_file(tmp_path):
    table = read(tmp_path, "# mine\n\na\tb\n1\t2\n\n# no more\n\t\t\n3\n")
    assert table.header_line == 3
    assert table.rows.index.tolist() == [4, 8]
    assert table.rows["b"].tolist() == ["2", ""]


def test_an_open_quote_does_not_swallow_lines(tmp_path):
    assert read(tmp_path, 'a\tb\n1\t"x\n2\ty\n').rows.index.tolist() == [2, 3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "table.tsv: is empty; a header and rows are needed"),
        ("# nothing\n\n", "table.tsv: is empty; a header and rows are needed"),
        ("a\tb\n", "table.tsv: has a header, but no row"),
        ("a,b\n1,2\n", "table.tsv, line 1: the columns are separated by commas; tabs are needed"),
        (
            "a;b\n1;2\n",
            "table.tsv, line 1: the columns are separated by semicolons; tabs are needed",
        ),
        ("a b\n1 2\n", "table.tsv, line 1: the columns are separated by spaces; tabs are needed"),
        ("a\ta\n1\t2\n", "table.tsv, line 1: column 'a' is there twice"),
        ("a\t\tb\n1\t\t2\n", "table.tsv, line 1: column 2 has no name"),
        ("a\tb\n1\t2\n1\t2\t3\n", "table.tsv, line 3: has 3 cells, but the header has 2"),
        (
            b"PK\x03\x04xlsx",
            "table.tsv: is a spreadsheet's own file; save it as tab-separated text in UTF-8",
        ),
        (
            "a\tb\n1\t2\n".encode("utf-16"),
            "table.tsv: is UTF-16 text; save it as tab-separated text in UTF-8",
        ),
        (
            "a\tb\n1\t5 µM\n".encode("cp1252"),
            "table.tsv, line 2: is not UTF-8 text; save it as tab-separated text in UTF-8",
        ),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, content, message):
    with pytest.raises(InputError) as raised:
        read(tmp_path, content)
    assert raised.value.problems == [message]


def test_a_missing_table_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"^table\.tsv: does not exist$"):
        read_user_table(tmp_path / "table.tsv", "table.tsv")


def test_columns_unknown_misspelt_and_missing(tmp_path):
    table = read(tmp_path, "# x\nsample\tFASTQ_1\tcellline\tcolour\ttreatment\na\tb\tc\td\te\n")
    known = "sample, cell_line, treatment, replicate, dose_um, hours, batch, rin, fastq_1, fastq_2"
    assert column_problems(table, load_schema("samples")) == [
        "table.tsv, line 2: unknown column 'FASTQ_1'; did you mean 'fastq_1'?",
        "table.tsv, line 2: unknown column 'cellline'; did you mean 'cell_line'?",
        f"table.tsv, line 2: unknown column 'colour'; known are {known}",
        "table.tsv, line 2: column 'replicate' is missing",
    ]


def test_cells_are_told_by_line(tmp_path):
    table = read(tmp_path, "sample\tdose_um\tcolour\nNA\t1 uM\tx\n\t\tx\na\t0.5\t\n")
    names = (
        "Letters, digits, '.', '_' and '-' only, beginning with a letter or a digit, and not NA:"
        " it names files."
    )
    assert cell_problems(table, load_schema("samples")) == [
        f"table.tsv, line 2, column sample: 'NA' does not fit. {names}",
        "table.tsv, line 2, column dose_um: '1 uM' does not fit. The dose in micromolar, a number"
        " such as 0.1 or 10, without a unit; empty or NA where unknown.",
        f"table.tsv, line 3, column sample: is empty. {names}",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<table>\n<tr>\n", "table.tsv: is HTML or XML, and no table"),
        ('{"a": 1}\n', "table.tsv: is JSON, and no table"),
        (b"\x1f\x8b\x08", "table.tsv: is gzipped; decompress it"),
        ("a\tb\n1\t2\n".encode("utf-16-le"), "table.tsv: is UTF-16 text"),
        ("a\tb\n1\t\0\n", "table.tsv, line 2: holds the control character U+0000"),
        ("a\tb\x0b1\t2\x0b", "table.tsv, line 1: holds the control character U+000B"),
        ("a\tb\u20281\t2", "table.tsv, line 1: holds the character U+2028 for a line break"),
        ("a\tb\x851\t2", "table.tsv, line 1: holds the character U+0085 for a line break"),
        ("a\tb\n1\t" + "x" * 200_000, "table.tsv, line 2: has a cell of more than 10000"),
        ("a\tb\n" + "x\t" * 200_000, "table.tsv, line 2: has more than 100 columns"),
    ],
)
def test_what_was_not_written_as_a_table_is_told_at_once(tmp_path, content, message):
    with pytest.raises(InputError) as raised:
        read(tmp_path, content)
    assert raised.value.problems[0].startswith(message)


def test_a_table_without_its_header(tmp_path):
    table = read(tmp_path, "MM1S_dmso_1\tMM1S\tdmso\nMM1S_dmso_2\tMM1S\tdmso\n")
    schema = load_schema("samples")
    assert column_problems(table, schema) == [
        "table.tsv, line 1: is no header; the first line names the columns: "
        + ", ".join(schema["properties"])
    ]


def test_what_cannot_be_seen_in_a_column_is_shown(tmp_path):
    table = read(tmp_path, "\u200bsample\tcell_line\na\tb\n")
    assert column_problems(table, load_schema("samples"))[0] == (
        "table.tsv, line 1: unknown column '\\u200bsample' (its character 1 is U+200B, ZERO WIDTH"
        " SPACE); did you mean 'sample'?"
    )
