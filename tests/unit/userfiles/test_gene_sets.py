"""Gene sets in GMT files."""

import gzip

import pytest

from imid.shared.problems import InputError
from imid.userfiles.gene_sets import read_gene_sets

GMT = "INTERFERON\thttp://example.org\tISG15\tMX1\tOAS1\nMYC_TARGETS\t\tMYC\tNPM1\n"
NEEDED = "a name, a description (or nothing) and genes are needed, separated by tabs"


@pytest.fixture
def gmt(tmp_path):
    """Write a GMT file, and give its path."""

    def write(content):
        path = tmp_path / "sets.gmt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def found(path, name):
    """What is said of a file that must not pass."""
    with pytest.raises(InputError) as caught:
        read_gene_sets(path, name)
    return caught.value.problems


def test_sets_are_read_in_their_order_with_their_genes(gmt):
    sets = read_gene_sets(gmt(GMT), "sets.gmt")
    assert list(sets.items()) == [
        ("INTERFERON", ["ISG15", "MX1", "OAS1"]),
        ("MYC_TARGETS", ["MYC", "NPM1"]),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + GMT.encode(),
        GMT.replace("\n", "\r\n"),
        "\n" + GMT.replace("\n", "\n\n"),
        GMT.replace("NPM1", "NPM1\t\t"),
        GMT.replace("NPM1", "NPM1\tMYC"),
        GMT.replace("\tMX1", "\t MX1 "),
    ],
)
def test_traces_of_an_editor_or_spreadsheet_do_not_matter(gmt, content):
    assert read_gene_sets(gmt(content), "sets.gmt") == read_gene_sets(gmt(GMT), "sets.gmt")


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        ("", ["sets.gmt: is empty"]),
        ("\n \n", ["sets.gmt: is empty; a gene set on each line is needed"]),
        (GMT + "A B C\n", [f"sets.gmt, line 3: has no tab; {NEEDED}"]),
        (GMT + "A\tB\n", [f"sets.gmt, line 3: gene set 'A' has no genes; {NEEDED}"]),
        (GMT + "A\tB\t\t\n", [f"sets.gmt, line 3: gene set 'A' has no genes; {NEEDED}"]),
        (GMT + "\tB\tC\n", [f"sets.gmt, line 3: the gene set has no name; {NEEDED}"]),
        (
            GMT + "INTERFERON\t\tIRF7\n",
            ["sets.gmt, line 3: gene set 'INTERFERON' is already on line 1; name each set once"],
        ),
        (
            GMT.encode() + b"A\t\tM\xe4rz1\n",
            ["sets.gmt, line 3: is not UTF-8 text; save it as tab-separated text in UTF-8"],
        ),
        (
            GMT + "A\tB\tMYC,IRF4\n",
            [f"sets.gmt, line 3: gene set 'A' has its genes in one cell; {NEEDED}"],
        ),
        (
            GMT + "A\tB\tMYC\t1-Mar\n",
            [
                "sets.gmt, line 3: gene set 'A': '1-Mar' is a date that a spreadsheet made of a"
                " gene's name; take the file anew from its source"
            ],
        ),
        (
            "one\n" + GMT + "two\n",
            [f"sets.gmt, line {line}: has no tab; {NEEDED}" for line in [1, 4]],
        ),
    ],
)
def test_faults_are_told_with_their_lines(gmt, content, problems):
    path = gmt(content)
    assert found(path, "sets.gmt") == problems
    with pytest.raises(InputError):
        read_gene_sets(path, "sets.gmt")


def test_a_missing_file_is_told(tmp_path):
    assert found(tmp_path / "no.gmt", "no.gmt") == ["no.gmt: does not exist"]


def test_a_gzipped_file_is_read(gmt):
    packed = gzip.compress(GMT.encode())
    assert read_gene_sets(gmt(packed), "sets.gmt") == read_gene_sets(gmt(GMT), "sets.gmt")
