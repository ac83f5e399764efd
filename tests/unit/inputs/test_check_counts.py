"""What is said of a matrix of counts, and of one that holds none."""

import numpy as np
import pandas as pd
import pytest

from imid.differential.match_genes import annotation_findings
from imid.inputs.check_counts import counts_findings, matrix_findings
from imid.shared.problems import InputError
from imid.userfiles.check_table import UserTable
from imid.userfiles.count_matrix import read_matrix
from small_matrix import SAMPLES, counts, text

NAME = "counts.tsv"
MATRIX = text(counts())


def findings(tmp_path, content, samples=SAMPLES):
    (tmp_path / NAME).write_text(content)
    try:
        return matrix_findings(read_matrix(tmp_path / NAME, NAME), NAME, samples)
    except InputError as error:
        return error.problems, []


def cell(value, line=3, sample="dmso_2"):
    """Put a value into the matrix."""
    lines = MATRIX.splitlines()
    cells = lines[line - 1].split("\t")
    cells[1 + SAMPLES.index(sample)] = value
    lines[line - 1] = "\t".join(cells)
    return "\n".join(lines) + "\n"


def gene(name, line=3):
    """Give a row another id."""
    lines = MATRIX.splitlines()
    lines[line - 1] = "\t".join([name, *lines[line - 1].split("\t")[1:]])
    return "\n".join(lines) + "\n"


def found_for_sheet(tmp_path, matrix):
    """What is said of a matrix of one cell line's samples."""
    (tmp_path / NAME).write_text(text(matrix))
    rows = pd.DataFrame({"sample": SAMPLES, "cell_line": "MM1S", "fastq_1": "", "fastq_2": ""})
    problems, warnings, _ = counts_findings(
        tmp_path / NAME, NAME, UserTable("samples.tsv", 1, rows)
    )
    return problems, warnings


def test_a_failed_library_is_refused_and_a_shallow_one_told(tmp_path):
    rng = np.random.default_rng(1)
    whole = counts()
    assert found_for_sheet(tmp_path, whole) == ([], [])
    (problem,), _ = found_for_sheet(
        tmp_path, whole.assign(len_1=rng.binomial(whole["len_1"], 1e-4))
    )
    assert problem.startswith("counts.tsv: sample len_1 has ")
    assert "exclude: [{sample: len_1, reason: failed library}]" in problem
    problems, (warning,) = found_for_sheet(
        tmp_path, whole.assign(len_1=rng.binomial(whole["len_1"], 0.05))
    )
    assert problems == []
    assert warning.startswith("sample len_1 has ")


def test_a_sound_matrix_has_no_problems(tmp_path):
    assert findings(tmp_path, MATRIX) == ([], [])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            MATRIX.replace("len_1", "LEN_1"),
            "no column 'len_1', which is a sample of the sheet; did",
        ),
        (MATRIX.replace("len_1", "len_2"), "column 'len_2' is there twice"),
        (
            cell("-2"),
            "line 3, column dmso_2: '-2' is no count, which is a number of at least 0; log",
        ),
        (
            cell("NA"),
            "'NA' is no count, which is a number of at least 0; a gene without a read has",
        ),
        (cell(""), "line 3, column dmso_2: '' is no count"),
        (cell("inf"), "line 3, column dmso_2: 'inf' is no count"),
        (cell("1,234"), "'1,234' is no count, which is a number of at least 0; write it without"),
        (cell("1 234"), "'1 234' is no count, which is a number of at least 0; write it without"),
        (cell("1.234.567"), "; write it without separators of thousands"),
        (cell("0x1F"), "'0x1F' is no count, which is a number of at least 0; write it in decimal"),
        (cell("1_000"), "'1_000' is no count"),
        (cell("1.23E+05"), "'1.23E+05' lacks its last digits, which a spreadsheet took"),
        (cell("2147483648"), "'2147483648' is more than a gene's count can be (2,147,483,647)"),
        (cell("9300000000000000000"), "is more than a gene's count can be"),
        (cell("1e300"), "is more than a gene's count can be"),
        (cell("1e999"), "is more than a gene's count can be"),
        (gene("ENSG00000000000"), "line 3, column gene_id: 'ENSG00000000000' is there twice; sum"),
        (gene("ENSG00000000000.2"), "is the gene 'ENSG00000000000' in another version"),
        (gene(" "), "line 3, column gene_id: is empty"),
        (gene("Total"), "line 3, column gene_id: is called as a summary of the others, but is not"),
        (gene("Mean"), "line 3, column gene_id: is called as a summary"),
        (gene("2-Sep"), "'2-Sep' is a date that a spreadsheet made of a gene's name; make"),
        ("\n".join(MATRIX.splitlines()[:5]), "has 4 genes; how much replicates scatter"),
        (text(counts().T), "has samples in rows (dmso_1 is one); genes are needed there"),
        (text(counts().reset_index(drop=True)), "its first column numbers the rows"),
    ],
)
def test_one_fault_gives_its_message(tmp_path, content, message):
    problems, _ = findings(tmp_path, content)
    assert len(problems) == 1
    assert problems[0].startswith(NAME)
    assert message in problems[0]


def test_faults_of_all_kinds_are_told_at_once(tmp_path):
    content = cell("x").replace("len_1", "no").replace("ENSG00000000005", "1-Mar")
    problems, _ = findings(tmp_path, content)
    assert [problem.split(":")[0] for problem in problems] == [
        "counts.tsv",
        "counts.tsv, line 7, column gene_id",
        "counts.tsv, line 3, column dmso_2",
    ]


def test_many_problems_of_a_kind_are_told_in_brief(tmp_path):
    rows = "".join(f"g{n}\t-1\t-2\n" for n in range(100))
    problems, _ = findings(tmp_path, f"gene_id\ts1\ts2\n{rows}", ["s1", "s2"])
    assert len(problems) == 6
    assert problems[-1] == "… and 195 more such problems"


def test_points_for_thousands_are_no_fractions(tmp_path):
    german = counts(mean=3000).map(lambda value: f"{value:,}".replace(",", "."))
    problems, _ = findings(tmp_path, text(german[(german.map(len) < 8).all(axis=1)]))
    assert len(problems) == 1
    assert "seem to have points for thousands" in problems[0]


def test_what_is_left_out_and_taken_is_told(tmp_path):
    content = MATRIX.replace("dmso_1", "/bam/dmso_1.sorted.bam") + "__no_feature" + "\t9" * 6 + "\n"
    content += "\t".join(["Sum", *map(str, counts().sum())]) + "\nNA" + "\t0" * 6 + "\n"
    assert findings(tmp_path, content) == (
        [],
        [
            f"{NAME}: these columns are taken for samples of the sheet: /bam/dmso_1.sorted.bam for"
            " dmso_1",
            f"{NAME}: rows that are no genes are left out: __no_feature",
            f"{NAME}, line 303: 'Sum' is the sum of the other rows, and is left out",
            f"{NAME}, line 304, column gene_id: a gene is called 'NA', as programs write what is"
            " missing; it is taken as its id",
        ],
    )


def test_a_sample_called_as_a_column_of_genes_is_refused(tmp_path):
    content = MATRIX.replace("dmso_1", "gene_name")
    problems, _ = findings(tmp_path, content, ["gene_name", *SAMPLES[1:]])
    assert problems == [f"{NAME}: a sample cannot be called gene_name, as the column of genes is"]


def against(ids, genes, complete=True):
    return annotation_findings(ids, NAME, genes, "a.gtf", complete)


def test_genes_that_the_annotation_lacks_are_a_share():
    assert against(["ENSG1.2", "ENSG2", "g"], {"ENSG1": "A", "ENSG2.1": "B"}) == (
        [],
        [
            f"{NAME}: 1 of 3 genes (33.3%) are not in a.gtf (g); their biotype and length are not"
            " known"
        ],
    )


def test_an_annotation_without_any_of_the_genes_is_refused():
    (problem,), _ = against(["A", "g"], {"ENSG1": "A"})
    assert problem.startswith(f"{NAME} and a.gtf have no gene_id in common: A, g against ENSG1; 1")


def test_of_an_annotation_seen_in_part_many_genes_tell():
    few, many = ({f"g{n}": "" for n in range(number)} for number in [499, 500])
    assert against(["x"], few, complete=False) == ([], [])
    assert against(["x", "g1"], many, complete=False) == ([], [])
    assert len(against(["x"], many, complete=False)[0]) == 1
