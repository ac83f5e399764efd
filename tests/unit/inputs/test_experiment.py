"""The experiment as a whole: what a correct one gives, and what is said of a faulty one."""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from imid.inputs.experiment import main
from small_experiment import (
    GTF,
    edit,
    load,
    problems,
    reads,
    rows,
    write,
    write_experiment,
    write_sheet,
)

CONFIG = "config/config.yaml"
SHEET = "config/samples.tsv"
R1 = "reads/MM1S_dmso_1_L1_R1.fastq.gz"
R2 = "reads/MM1S_dmso_1_L1_R2.fastq.gz"


@pytest.fixture
def folder(tmp_path) -> Path:
    return write_experiment(tmp_path)


def test_a_correct_experiment_passes(folder):
    experiment = load(folder)
    assert experiment.warnings == []
    assert experiment.cell_lines == ["MM1S", "MM1S_res"]
    assert sum(map(len, experiment.lanes.values())) == 19
    assert len(experiment.samples) == 18
    assert list(experiment.samples.columns) == [
        "sample",
        "cell_line",
        "treatment",
        "replicate",
        "batch",
    ]
    assert all(lane.fastq_2 for lanes in experiment.lanes.values() for lane in lanes)
    assert experiment.targets == Path("resources/targets.tsv")
    names = ["lenalidomide_vs_dmso", "pomalidomide_vs_dmso"]
    assert contrasts_by_fit(experiment) == {
        "cell_lines/MM1S": names,
        "cell_lines/MM1S_res": names,
    }
    assert experiment.excluded == []


def contrasts_by_fit(experiment) -> dict[str, list[str]]:
    return {fit.name: [contrast.name for contrast in fit.contrasts] for fit in experiment.fits}


def test_defaults_are_filled_in(folder):
    settings = load(folder).settings
    assert settings.trim is True
    assert settings.cell_lines is None
    assert settings.reference.index is None
    assert settings.differential.reference == "dmso"
    assert settings.differential.log2_fold_change == 1.0


@pytest.mark.parametrize(("written", "meant"), [("no", "no"), ("yes", "yes"), ('"no"', "no")])
def test_strandedness_may_be_written_without_quotes(folder, written, meant):
    edit(folder / CONFIG, "strandedness: reverse", f"strandedness: {written}")
    assert load(folder).settings.strandedness == meant


def test_lanes_stand_in_the_order_of_the_sheet(folder):
    lanes = load(folder).lanes["MM1S_dmso_1"]
    assert [lane.fastq_1 for lane in lanes] == [R1, R1.replace("L1", "L2")]


def test_names_stay_as_written(folder):
    sheet = [row | {"replicate": f"0{row['replicate']}", "batch": ""} for row in rows()]
    write_sheet(folder, sheet)
    samples = load(folder).samples
    assert samples["replicate"].unique().tolist() == ["01", "02", "03"]
    assert samples["batch"].unique().tolist() == ["NA"]


def test_single_end_samples(folder):
    write_sheet(
        folder, rows(), columns=["sample", "cell_line", "treatment", "replicate", "fastq_1"]
    )
    experiment = load(folder)
    assert {lane.fastq_2 for lanes in experiment.lanes.values() for lane in lanes} == {""}


def test_only_chosen_cell_lines_are_looked_at(folder):
    write_sheet(folder, [row for row in rows() if row["sample"] != "MM1S_res_dmso_1"][:-2])
    (folder / "reads/MM1S_res_dmso_2_L1_R1.fastq.gz").unlink()
    experiment = load(folder, {"cell_lines": ["MM1S"]})
    assert experiment.cell_lines == ["MM1S"]
    assert experiment.samples["cell_line"].unique().tolist() == ["MM1S"]
    assert experiment.warnings == []


def test_cell_lines_keep_the_order_of_the_config(folder):
    assert load(folder, {"cell_lines": ["MM1S_res", "MM1S"]}).cell_lines == ["MM1S_res", "MM1S"]


def test_the_panel_of_the_workflow_serves_where_there_is_none(folder):
    (folder / "resources/targets.tsv").unlink()
    panel = load(folder).targets
    assert panel.is_absolute()
    assert panel.exists()


def test_jobs_do_not_look_into_files(folder):
    for path in [R1, "reference/genome.fa", "reference/genes.gtf"]:
        (folder / path).unlink()
    assert len(load(folder, check_contents=False).samples) == 18


def test_a_contrast_is_left_out_where_a_level_is_absent(folder):
    kept = [row for row in rows() if not row["sample"].startswith("MM1S_res_pomalidomide")]
    write_sheet(folder, kept)
    experiment = load(folder)
    assert contrasts_by_fit(experiment) == {
        "cell_lines/MM1S": ["lenalidomide_vs_dmso", "pomalidomide_vs_dmso"],
        "cell_lines/MM1S_res": ["lenalidomide_vs_dmso"],
    }
    assert experiment.warnings == [
        "config/config.yaml, line 15, differential.contrasts: 'pomalidomide_vs_dmso' is left out"
        " for MM1S_res: no sample has treatment pomalidomide"
    ]


def test_two_replicates_are_a_warning(folder):
    write_sheet(folder, [row for row in rows() if row["sample"] != "MM1S_dmso_3"])
    assert load(folder).warnings == [
        "config/samples.tsv, line 2, column treatment: 'dmso' in MM1S has two replicates;"
        " outliers are filtered among three or more only"
    ]


def test_a_target_that_is_not_annotated_is_a_warning(folder):
    edit(folder / "resources/targets.tsv", "ENSG00000185811\tIKZF1", "ENSG00000161405\tIKZF3")
    assert load(folder).warnings == [
        "resources/targets.tsv, line 3, column gene_id: 'ENSG00000161405' (IKZF3) is not in"
        " reference/genes.gtf; its row of the target table will say so"
    ]


def truncate(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-12])


def put(column: str, value: str, line: int):
    """Give a change of one cell of the sheet."""
    return put_all({column: value}, line)


def put_all(cells: dict[str, str], line: int):
    """Give a change of some cells of a row of the sheet."""

    def change(folder: Path) -> None:
        sheet = rows()
        sheet[line - 2] |= cells
        write_sheet(folder, sheet)

    return change


def in_config(old: str, new: str):
    return lambda folder: edit(folder / CONFIG, old, new)


# What the workflow promises to say before any job starts: one fault, one message.
FAULTS = {
    "unknown key": (
        in_config("aligner: star", "alinger: star"),
        "config/config.yaml, line 5, alinger: unknown setting; did you mean 'aligner'?",
    ),
    "misspelt column": (
        lambda folder: edit(folder / SHEET, "treatment", "treatmnt"),
        "config/samples.tsv, line 1: unknown column 'treatmnt'; did you mean 'treatment'?",
    ),
    "unknown treatment": (
        in_config("numerator: pomalidomide", "numerator: pomalidomid"),
        "config/config.yaml, line 15, differential.contrasts.numerator: 'pomalidomid' is no"
        " treatment of MM1S, MM1S_res in config/samples.tsv (dmso, lenalidomide, pomalidomide);"
        " did you mean 'pomalidomide'?",
    ),
    "unknown line": (
        in_config("aligner: star", "cell_lines:\n  - MM1S\n  - MM.1S_res"),
        "config/config.yaml, line 7, cell_lines: 'MM.1S_res' is no cell line of"
        " config/samples.tsv (MM1S, MM1S_res); did you mean 'MM1S_res'?",
    ),
    "misspelt treatment of one sample": (
        put("treatment", "lenalidomid", line=7),
        "config/samples.tsv, line 7, column treatment: 'lenalidomid' in MM1S has one replicate,"
        " and at least two are needed; did you mean 'lenalidomide'?",
    ),
    "lane twice": (
        lambda folder: write_sheet(folder, [*rows(), rows()[0]]),
        f"config/samples.tsv, line 21, column fastq_1: '{R1}' is already named on line 2;"
        " each lane and mate has a file of its own",
    ),
    "FASTQ of another sample": (
        put_all({"fastq_1": "reads/../" + R1, "fastq_2": "reads/../" + R2}, line=3),
        f"config/samples.tsv, line 3, column fastq_1: 'reads/../{R1}' is already named on line 2;"
        " each lane and mate has a file of its own",
    ),
    "missing FASTQ": (
        lambda folder: (folder / R1).unlink(),
        f"config/samples.tsv, line 2, column fastq_1: '{R1}' does not exist",
    ),
    "missing mate": (
        lambda folder: (folder / R2).unlink(),
        f"config/samples.tsv, line 2, column fastq_2: '{R2}' does not exist",
    ),
    "missing folder": (
        lambda folder: (folder / "reads").rename(folder / "fastq"),
        "config/samples.tsv, line 2, column fastq_1: the folder 'reads' does not exist; 38"
        " FASTQ files are looked for in it",
    ),
    "empty FASTQ": (
        lambda folder: (folder / R1).write_bytes(b""),
        f"config/samples.tsv, line 2, column fastq_1: '{R1}' is empty",
    ),
    "FASTQ without reads": (
        lambda folder: (folder / R1).write_bytes(gzip.compress(b"")),
        f"config/samples.tsv, line 2, column fastq_1: '{R1}' holds no reads",
    ),
    "truncated FASTQ": (
        lambda folder: truncate(folder / R1),
        f"config/samples.tsv, line 2, column fastq_1: '{R1}' is truncated: its gzip stream ends"
        " early; copy it again",
    ),
    "one mate twice": (
        put("fastq_2", R1, line=2),
        f"config/samples.tsv, line 2, column fastq_2: '{R1}' is already named as fastq_1;"
        " each lane and mate has a file of its own",
    ),
    "copy of a mate": (
        lambda folder: (folder / R2).write_bytes((folder / R1).read_bytes()),
        f"config/samples.tsv, line 2, column fastq_2: '{R2}' and fastq_1 both say that they hold"
        " mates 1",
    ),
    "mates exchanged": (
        lambda folder: (write(folder / R1, reads(2)), write(folder / R2, reads(1))),
        f"config/samples.tsv, line 2, column fastq_2: '{R2}' holds the first mates, and fastq_1"
        " the second; exchange them",
    ),
    "mates of other pairs": (
        lambda folder: write(folder / R2, reads(2).replace("read0", "read5")),
        f"config/samples.tsv, line 2, column fastq_2: '{R2}' begins with read 'read5', but"
        " fastq_1 with 'read0'; mates are in the same order in both files, and called alike but for"
        " an end such as /1 and /2",
    ),
    "fewer second mates": (
        lambda folder: write(folder / R2, reads(2, number=1)),
        f"config/samples.tsv, line 2, column fastq_2: '{R2}' holds 1 reads, but fastq_1 2;"
        " one of them is incomplete or was filtered alone",
    ),
    "single- and paired-end": (
        put("fastq_2", "", line=20),
        "config/samples.tsv, line 20, column fastq_2: sample 'MM1S_dmso_1' is single-end here and"
        " paired-end on line 2; name the second mates of all its lanes or of none",
    ),
    "only second mates": (
        put("fastq_1", "", line=3),
        "config/samples.tsv, line 3, column fastq_1: is empty. The reads, of pairs the first"
        " mates; a path of letters, digits and ./_-+=:@% only.",
    ),
    "lanes that disagree": (
        put("treatment", "lenalidomide", line=20),
        "config/samples.tsv, line 20, column treatment: 'lenalidomide', but sample 'MM1S_dmso_1'"
        " has 'dmso' on line 2; the lanes of a sample differ in nothing but their FASTQ files",
    ),
    "one replicate": (
        lambda folder: write_sheet(folder, [*rows()[:1], *rows()[3:]]),
        "config/samples.tsv, line 2, column treatment: 'dmso' in MM1S has one replicate, and at"
        " least two are needed",
    ),
    "contig names": (
        lambda folder: write(folder / "reference/genes.gtf", GTF.replace("chr", "")),
        "reference/genome.fa and reference/genes.gtf have no contig name in common: chr6, chr7"
        " against 6, 7; one of them puts chr before its names: take both from one source",
    ),
    "GTF without gene_id": (
        lambda folder: write(folder / "reference/genes.gtf", GTF.replace("gene_id", "id")),
        "reference/genes.gtf, line 3: the exon has no gene_id, and exons are counted by it (and so"
        " 1 more lines)",
    ),
    "GTF without exons": (
        lambda folder: write(folder / "reference/genes.gtf", GTF.replace("exon", "CDS")),
        "config/config.yaml, line 4, reference.gtf: 'reference/genes.gtf' has no exon lines, and"
        " they are what is counted; its features are CDS, gene",
    ),
    "missing reference": (
        lambda folder: (folder / "reference/genome.fa").unlink(),
        "config/config.yaml, line 3, reference.fasta: 'reference/genome.fa' does not exist",
    ),
    "FASTA and GTF exchanged": (
        lambda folder: write(folder / "reference/genome.fa", GTF),
        "config/config.yaml, line 3, reference.fasta: 'reference/genome.fa' is not FASTA: its"
        " first line does not begin with '>'",
    ),
    "missing index": (
        in_config("  gtf:", "  index: star_index\n  gtf:"),
        "config/config.yaml, line 4, reference.index: 'star_index' does not exist",
    ),
    "missing sheet": (
        lambda folder: (folder / SHEET).unlink(),
        "config/config.yaml, line 1, samples: 'config/samples.tsv' does not exist",
    ),
    "missing panel": (
        in_config("aligner: star", "targets: my/targets.tsv"),
        "config/config.yaml, line 5, targets: 'my/targets.tsv' does not exist",
    ),
    "misspelt column of the panel": (
        lambda folder: edit(folder / "resources/targets.tsv", "gene_id", "geneid"),
        "resources/targets.tsv, line 1: unknown column 'geneid'; did you mean 'gene_id'?",
    ),
    "unknown expectation": (
        lambda folder: edit(folder / "resources/targets.tsv", "down\tdown", "lower\tdown"),
        "resources/targets.tsv, line 2, column lenalidomide: 'lower' is not one of up, down,"
        " unchanged, unknown",
    ),
}


@pytest.mark.parametrize(("spoil", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_one_fault_gives_its_message(folder, spoil, message):
    spoil(folder)
    assert problems(folder) == [message]


def test_all_faults_are_told_at_once(folder):
    put("sample", "MM1S dmso 2", line=3)(folder)
    edit(folder / CONFIG, "fdr: 0.05", "fdr: 5")
    edit(folder / "resources/targets.tsv", "\tprotein\t", "\tproteins\t")
    truncate(folder / R2)
    write(folder / "reference/genome.fa", "")
    told = problems(folder)
    assert [message.split(":")[0] for message in told] == [
        "config/config.yaml, line 9, differential.fdr",
        "config/samples.tsv, line 3, column sample",
        "config/samples.tsv, line 2, column fastq_2",
        "config/config.yaml, line 3, reference.fasta",
        "resources/targets.tsv, line 3, column acts_on",
    ]


def test_a_faulty_config_does_not_hide_the_sheet(folder):
    edit(folder / CONFIG, "differential:", "diferential:")
    (folder / R1).unlink()
    assert [message.split(":")[0] for message in problems(folder)] == [
        "config/config.yaml, line 7, diferential",
        "config/samples.tsv, line 2, column fastq_1",
    ]


def test_an_unreadable_sheet_does_not_hide_the_config(folder):
    (folder / SHEET).write_text((folder / SHEET).read_text().replace("\t", ","))
    edit(folder / CONFIG, "aligner: star", "aligner: stars")
    assert problems(folder) == [
        "config/config.yaml, line 5, aligner: 'stars' is not one of star, hisat2;"
        " did you mean 'star'?",
        "config/samples.tsv, line 1: the columns are separated by commas; tabs are needed",
    ]


def test_the_command_checks(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    main([])
    assert capsys.readouterr().out == "18 samples of MM1S, MM1S_res: no problems\n"


def test_the_command_fails_without_a_traceback(folder):
    (folder / R1).unlink()
    command = [sys.executable, "-m", "imid.inputs.experiment"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == (f"config/samples.tsv, line 2, column fastq_1: '{R1}' does not exist\n")


def test_the_import_is_light():
    code = "import sys, imid.inputs.experiment;"
    code += " print({'HTSeq', 'pydeseq2', 'scipy'} & set(sys.modules))"
    scripts = Path(__file__).parents[3] / "scripts"
    done = subprocess.run([sys.executable, "-c", code], cwd=scripts, capture_output=True, text=True)
    assert done.stdout == "set()\n"
