"""Files of foreign sequences are looked into before any job, as the genome is."""

import pytest

from imid.question.plan import Plan
from imid.reads.read_plan import CONTAMINANTS, ReadPlan
from small_experiment import load, problems, write, write_experiment

SOUND = ">a a description\nACGT\n>b\nACGT\n"


@pytest.fixture
def folder(tmp_path):
    """An experiment with one sound file of foreign sequences."""
    write(tmp_path / "phix.fa.gz", SOUND)
    return write_experiment(tmp_path)


def named(folder, **contaminants):
    lines = [f"    {name}: {file}\n" for name, file in contaminants.items()]
    with (folder / "config/config.yaml").open("a") as file:
        file.write("qc:\n  contaminants:\n" + "".join(lines))


def test_sound_ones_are_measured_in_each_sample(folder):
    named(folder, phix="phix.fa.gz")
    experiment = load(folder)
    assert experiment.quality.contaminants == {"phix": "phix.fa.gz"}
    made = Plan(experiment).contamination_files()
    assert "results/samples/MM1S_dmso_1/quality/contamination.json" in made
    assert len(made) == 18
    assert f"{CONTAMINANTS}/contaminants.fa" in ReadPlan(experiment).reference_files()


def test_without_any_nothing_is_made(folder):
    experiment = load(folder)
    assert Plan(experiment).contamination_files() == []
    assert CONTAMINANTS not in str(ReadPlan(experiment).reference_files())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "'other.fa' does not exist"),
        ("", "'other.fa' is empty"),
        ("@read\nACGT\n+\nIIII\n", "other.fa' is"),
        ("ACGT\n", "'other.fa' is not FASTA"),
        (">a\nACGT\n>a\nACGT\n", "other.fa has a sequence twice: a"),
        (">a\nMEEL\n", "other.fa has a sequence of a protein: a"),
    ],
)
def test_what_is_no_file_of_sequences_is_told_with_its_line(folder, text, told):
    if text is not None:
        (folder / "other.fa").write_text(text)
    named(folder, phix="phix.fa.gz", mycoplasma="other.fa")
    (problem,) = problems(folder)
    assert problem.startswith("config/config.yaml, line 19, qc.contaminants.mycoplasma: ")
    assert told in problem


def test_one_file_is_not_two_contaminants(folder):
    named(folder, phix="phix.fa.gz", virus="./phix.fa.gz")
    (problem,) = problems(folder)
    assert "'./phix.fa.gz' is the file of phix, too" in problem


def test_a_name_is_one_of_files(folder):
    named(folder, **{'"my co"': "phix.fa.gz"})
    assert "letters, digits" in problems(folder)[0]
