"""Finished samples whose FASTQ files are gone."""

import shutil

import pytest

from imid.inputs.check_archived import PREPARED, SAMPLES
from imid.reads import origins
from imid.reads.origins import planned_origin, write_origin
from small_experiment import edit, load, problems, write, write_experiment, write_sheet
from small_experiment import rows as sheet_rows

SAMPLE, OTHER = "MM1S_dmso_1", "MM1S_dmso_2"
OUTPUTS = ["aligned.bam", "aligned.bam.bai", "counts.tsv", "reports/fragments.tsv"]
GONE = f"config/samples.tsv, line 2, column fastq_1: the FASTQ files of {SAMPLE} are gone, and"
REMEDY = "; bring the reads back, or undo the change"


@pytest.fixture
def finished(tmp_path, monkeypatch):
    """An experiment after a run: what was made of each sample, and what it was made from."""
    folder = write_experiment(tmp_path)
    monkeypatch.chdir(folder)
    experiment = load(folder)
    for sample, lanes in experiment.lanes.items():
        for name in OUTPUTS:
            write(folder / SAMPLES / sample / name, f"{name} of {sample}\n")
        planned = planned_origin(lanes, experiment.settings)
        write_origin(planned, "reverse", folder / SAMPLES / sample)
    for name in PREPARED:
        write(folder / name, "prepared\n")
    return folder


def archive(folder, sample=SAMPLE):
    """Move a sample's reads away; give where they are."""
    for path in (folder / "reads").glob(f"{sample}_L*"):
        (folder / "archive").mkdir(exist_ok=True)
        shutil.move(path, folder / "archive" / path.name)


def test_a_run_goes_on_from_what_was_made_of_archived_reads(finished):
    archive(finished)
    experiment = load(finished)
    assert experiment.archived == [SAMPLE]
    assert experiment.warnings == [
        f"config/samples.tsv: the FASTQ files of {SAMPLE} are gone; what was made of them with the"
        " same settings is there and unchanged, and is gone on from as it is"
    ]


def test_with_all_reads_in_the_archive_one_warning_says_so(finished):
    shutil.rmtree(finished / "reads")
    experiment = load(finished)
    assert len(experiment.archived) == 18
    (warning,) = experiment.warnings
    assert "and 13 more" in warning


def test_then_the_reference_may_be_gone_as_well(finished):
    shutil.rmtree(finished / "reads")
    shutil.rmtree(finished / "reference")
    assert len(load(finished).archived) == 18


@pytest.mark.parametrize("needed", [lambda f: None, lambda f: (f / PREPARED[0]).unlink()])
def test_the_reference_is_needed_where_reads_are_or_nothing_was_made_of_it(finished, needed):
    archive(finished)
    needed(finished)
    shutil.rmtree(finished / "reference")
    assert [problem.split(":")[0] for problem in problems(finished)] == [
        "config/config.yaml, line 3, reference.fasta",
        "config/config.yaml, line 4, reference.gtf",
    ]


def test_what_is_asked_of_the_counts_may_change(finished):
    archive(finished)
    edit(finished / "config/config.yaml", "fdr: 0.05", "fdr: 0.01")
    edit(finished / "config/config.yaml", "denominator: dmso}", "denominator: lenalidomide}")
    assert load(finished).archived == [SAMPLE]


def test_auto_goes_on_with_the_strandedness_that_was_found(finished):
    archive(finished)
    edit(finished / "config/config.yaml", "strandedness: reverse", "strandedness: auto")
    assert load(finished).archived == [SAMPLE]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("aligner: star", "aligner: hisat2", "with aligner star, which is now hisat2"),
        ("aligner: star", "trim: false", "with trim True, which is now False"),
        (
            "strandedness: reverse",
            "strandedness: 'no'",
            "with strandedness reverse, which is now no",
        ),
    ],
)
def test_another_setting_needs_the_reads(finished, old, new, what):
    archive(finished)
    edit(finished / "config/config.yaml", old, new)
    assert problems(finished) == [f"{GONE} counts were made {what}{REMEDY}"]


def test_a_setting_that_was_changed_is_told_once(finished):
    shutil.rmtree(finished / "reads")
    edit(finished / "config/config.yaml", "aligner: star", "aligner: hisat2")
    (told,) = problems(finished)
    assert "MM1S_lenalidomide_2 and 13 more are gone, and counts were made with aligner" in told


def test_another_row_of_the_sheet_needs_the_reads(finished):
    archive(finished)
    sheet = sheet_rows()
    write_sheet(finished, sheet[:-1])
    (told,) = problems(finished)
    assert told.startswith(f"{GONE} counts were made from reads/{SAMPLE}_L1_R1.fastq.gz+")
    assert f"the sheet names reads/{SAMPLE}_L1_R1.fastq.gz+reads/{SAMPLE}_L1_R2.fastq.gz" in told


@pytest.mark.parametrize("name", OUTPUTS)
def test_what_was_cut_or_changed_needs_the_reads(finished, name):
    archive(finished)
    path = finished / SAMPLES / SAMPLE / name
    path.write_bytes(path.read_bytes()[:-1])
    assert problems(finished) == [f"{GONE} of what was made {name} was changed or cut{REMEDY}"]
    path.unlink()
    assert problems(finished) == [f"{GONE} of what was made {name} is missing{REMEDY}"]


def test_a_sample_of_which_some_files_are_there_misses_the_others(finished):
    (finished / f"reads/{SAMPLE}_L1_R2.fastq.gz").unlink()
    (told,) = problems(finished)
    assert told.endswith(f"'reads/{SAMPLE}_L1_R2.fastq.gz' does not exist")


def test_a_sample_that_never_ran_misses_its_files(finished):
    archive(finished, OTHER)
    shutil.rmtree(finished / SAMPLES / OTHER)
    assert [told.split("'")[-1] for told in problems(finished)] == [" does not exist"] * 2


def test_another_reference_needs_the_reads(finished):
    archive(finished)
    genome = finished / "reference/genome.fa"
    text = genome.read_text()
    shutil.move(genome, finished / "reference/moved.fa")
    edit(finished / "config/config.yaml", "reference/genome.fa", "reference/moved.fa")
    assert load(finished).archived == [SAMPLE]
    (finished / "reference/moved.fa").write_text(text.replace("A", "C", 1))
    origins.content.cache_clear()
    told = "counts were made with another fasta than that of the config"
    assert problems(finished) == [f"{GONE} {told}{REMEDY}"]
