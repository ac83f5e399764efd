"""The sample sheet: rows that contradict each other."""

import pytest

from imid.inputs.check_samples import (
    read_sheet,
    replicate_findings,
    sheet_problems,
    single_end_warnings,
)
from imid.shared.problems import InputError
from small_experiment import HEADER, rows, write_sheet

SHEET = "config/samples.tsv"


def changed(*changes):
    """The rows of the experiment, some cells changed: (line, column, value)."""
    sheet = rows()
    for line, column, value in changes:
        sheet[line - 2][column] = value
    return sheet


def read(folder, sheet, columns=HEADER):
    write_sheet(folder, sheet, columns)
    return read_sheet(folder / SHEET, SHEET)


@pytest.mark.parametrize(
    "name", ["a b", "a/b", "../a", "-a", ".a", "a,b", "µ", "NA", "a{b}", "MM1S*"]
)
def test_sample_names_name_files(tmp_path, name):
    problems = sheet_problems(read(tmp_path, changed((3, "sample", name))), tmp_path)
    assert problems == [
        f"{SHEET}, line 3, column sample: '{name}' does not fit. Letters, digits, '.', '_' and '-'"
        " only, beginning with a letter or a digit, and not NA: it names files."
    ]


@pytest.mark.parametrize("name", ["MM.1S-a_1", "8226", "01", "nan", "None"])
def test_these_names_will_do(tmp_path, name):
    sheet = read(tmp_path, changed((3, "sample", name), (3, "cell_line", name)))
    assert sheet_problems(sheet, tmp_path) == []
    assert sheet.rows.loc[3, "sample"] == name


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            [(20, "batch", "2")],
            "line 20, column batch: '2', but sample 'MM1S_dmso_1' has '1' on line 2; the lanes of"
            " a sample differ in nothing but their FASTQ files",
        ),
        (
            [(3, "replicate", "1"), (3, "batch", "1")],
            "line 3, column replicate: 'MM1S_dmso_2' is replicate 1 of dmso in MM1S, and so is"
            " 'MM1S_dmso_1' on line 2; number it on, or name both alike if they are lanes of one"
            " sample",
        ),
        (
            [(line, "treatment", "DMSO") for line in (11, 12, 13)],
            "line 11, column treatment: 'DMSO' is written 'dmso' on line 2; write it in one way",
        ),
        (
            [(20, "fastq_2", "reads/MM1S_dmso_1_L1_R2.fastq.gz")],
            "line 20, column fastq_2: 'reads/MM1S_dmso_1_L1_R2.fastq.gz' is already named on"
            " line 2; each lane and mate has a file of its own",
        ),
        (
            [(3, "fastq_1", "my reads/a.fastq.gz")],
            "line 3, column fastq_1: 'my reads/a.fastq.gz' does not fit. The reads, of pairs the"
            " first mates; a path of letters, digits and ./_-+=:@% only.",
        ),
        (
            [(3, "cell_line", "")],
            "line 3, column cell_line: is empty. Letters, digits, '.', '_' and '-' only, beginning"
            " with a letter or a digit, and not NA: it names a folder.",
        ),
        (
            [(3, "sample", "")],
            "line 3, column sample: is empty. Letters, digits, '.', '_' and '-' only, beginning"
            " with a letter or a digit, and not NA: it names files.",
        ),
    ],
)
def test_one_fault_gives_its_message(tmp_path, changes, message):
    assert sheet_problems(read(tmp_path, changed(*changes)), tmp_path) == [f"{SHEET}, {message}"]


def test_an_empty_replicate_is_no_replicate(tmp_path):
    sheet = read(tmp_path, changed(*((n, c, "") for n in (3, 4) for c in ("replicate", "batch"))))
    assert [problem.split(". ")[0] for problem in sheet_problems(sheet, tmp_path)] == [
        f"{SHEET}, line {line}, column replicate: is empty" for line in (3, 4)
    ]


def test_two_times_of_one_treatment_are_two_samples(tmp_path):
    sheet = [
        row
        | {"hours": hours, "sample": f"{row['sample']}_{hours}"}
        | {mate: row[mate].replace("L", f"{hours}L") for mate in ("fastq_1", "fastq_2")}
        for row in rows()
        for hours in ("6", "24")
    ]
    assert sheet_problems(read(tmp_path, sheet, [*HEADER, "hours"]), tmp_path) == []
    # Without the column nothing tells them apart.
    assert len(sheet_problems(read(tmp_path, sheet), tmp_path)) == 18


def test_a_link_to_another_samples_reads_is_found(tmp_path):
    sheet = read(tmp_path, changed((3, "fastq_1", "reads/link.fastq.gz")))
    (tmp_path / "reads").mkdir()
    (tmp_path / "reads/link.fastq.gz").symlink_to("MM1S_dmso_1_L1_R1.fastq.gz")
    assert sheet_problems(sheet, tmp_path) == [
        f"{SHEET}, line 3, column fastq_1: 'reads/link.fastq.gz' is already named on line 2;"
        " each lane and mate has a file of its own"
    ]


def test_what_is_missing_has_one_spelling(tmp_path):
    sheet = read(tmp_path, changed((3, "batch", ""), (3, "fastq_2", "NA")))
    assert sheet.rows.loc[3, ["batch", "fastq_2"]].tolist() == ["NA", ""]


def test_faults_of_cells_are_told_beside_those_of_columns(tmp_path):
    with pytest.raises(InputError) as raised:
        read(tmp_path, changed((3, "sample", "a b")), [*HEADER, "color"])
    assert [problem.split(":")[0] for problem in raised.value.problems] == [
        f"{SHEET}, line 1",
        f"{SHEET}, line 3, column sample",
    ]


def test_replicates_are_samples_not_lanes(tmp_path):
    kept = [row for row in rows() if row["sample"] not in ("MM1S_dmso_2", "MM1S_dmso_3")]
    sheet = read(tmp_path, kept)
    problems, warnings = replicate_findings(sheet, ["MM1S"], ["dmso"])
    assert problems == [
        f"{SHEET}, line 2, column treatment: 'dmso' in MM1S has one replicate, and at least two"
        " are needed"
    ]
    assert warnings == []
    assert replicate_findings(sheet, ["MM1S_res"], ["dmso"]) == ([], [])


def test_replicates_are_not_counted_over_empty_cells(tmp_path):
    sheet = read(tmp_path, changed((3, "treatment", ""), (4, "treatment", "")))
    assert replicate_findings(sheet, ["MM1S"], ["dmso"]) == ([], [])


def test_a_single_end_sample_among_paired_ones_is_told(tmp_path):
    mixed = read(tmp_path, changed((3, "fastq_2", "")))
    (told,) = single_end_warnings(mixed)
    assert told.startswith(f"{SHEET}, line 3, column fastq_2: ")


def test_nothing_is_told_of_samples_that_are_all_of_one_kind(tmp_path):
    assert single_end_warnings(read(tmp_path, rows())) == []
    single = changed(*((line, "fastq_2", "") for line in range(2, len(rows()) + 2)))
    assert single_end_warnings(read(tmp_path, single)) == []


@pytest.mark.parametrize("name", ["gene_id", "Gene_Name", "length", "sample", "size_factor"])
def test_a_sample_is_not_called_what_a_column_of_the_tables_is(tmp_path, name):
    assert sheet_problems(read(tmp_path, changed((3, "sample", name))), tmp_path) == [
        f"{SHEET}, line 3, column sample: '{name}' is what a column of the tables is called; name"
        " the sample otherwise"
    ]


@pytest.mark.parametrize("column", ["sample", "cell_line"])
def test_names_are_not_too_long_for_files(tmp_path, column):
    longest = "abcdefghij" * 10
    assert sheet_problems(read(tmp_path, changed((3, column, longest))), tmp_path) == []
    told = sheet_problems(read(tmp_path, changed((3, column, longest + "k"))), tmp_path)
    assert told == [
        f"{SHEET}, line 3, column {column}: '{longest[:80]}… (101 characters)' is too long; it must"
        " be of at most 100 characters"
    ]


@pytest.mark.parametrize("name", ["a" * 20, "x" + "ab" * 20, "a" * 5000])
def test_names_are_not_what_snakemake_takes_for_a_loop(tmp_path, name):
    (told,) = sheet_problems(read(tmp_path, changed((3, "sample", name))), tmp_path)
    assert told.startswith(f"{SHEET}, line 3, column sample: '{name[:80]}")


def test_a_dose_is_written_in_one_way(tmp_path):
    columns = [*HEADER[:5], "dose_um", "hours", *HEADER[5:]]
    doses = ["5"] * 19
    doses[2] = "5.0"
    sheet = [row | {"dose_um": dose, "hours": ""} for row, dose in zip(rows(), doses, strict=True)]
    assert sheet_problems(read(tmp_path, sheet, columns), tmp_path) == [
        f"{SHEET}, line 4, column dose_um: '5.0' is written '5' on line 2; write it in one way"
    ]


def test_a_hard_link_to_another_samples_reads_is_found(tmp_path):
    (tmp_path / "reads").mkdir()
    (tmp_path / "reads/MM1S_dmso_1_L1_R1.fastq.gz").write_bytes(b"reads")
    (tmp_path / "reads/linked.fastq.gz").hardlink_to(tmp_path / "reads/MM1S_dmso_1_L1_R1.fastq.gz")
    sheet = read(tmp_path, changed((3, "fastq_1", "reads/linked.fastq.gz")))
    assert sheet_problems(sheet, tmp_path) == [
        f"{SHEET}, line 3, column fastq_1: 'reads/linked.fastq.gz' is already named on line 2; each"
        " lane and mate has a file of its own"
    ]
