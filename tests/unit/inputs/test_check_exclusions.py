"""Samples that the config leaves out."""

import pytest

from imid.question.samples import ExcludedSample
from small_experiment import edit, load, problems, rows, write_experiment

FILE = "config/config.yaml"


@pytest.fixture
def folder(tmp_path):
    return write_experiment(tmp_path)


def exclude(folder, *items):
    lines = "".join(f"  - {item}\n" for item in items)
    edit(folder / FILE, "aligner: star\n", f"aligner: star\nexclude:\n{lines}")


def test_an_excluded_sample_is_left_out_with_its_reason(folder):
    exclude(folder, "{sample: MM1S_dmso_1, reason: swapped with another}")
    experiment = load(folder)
    assert experiment.excluded == [ExcludedSample("MM1S_dmso_1", "swapped with another", "MM1S")]
    assert "MM1S_dmso_1" not in {*experiment.samples["sample"], *experiment.lanes}
    assert len(experiment.samples) == 17
    assert "'dmso' in MM1S has two replicates" in experiment.warnings[0]


def test_damaged_reads_of_an_excluded_sample_are_no_problem(folder):
    for lane in "12":
        (folder / f"reads/MM1S_dmso_1_L{lane}_R1.fastq.gz").write_bytes(b"not gzip")
    assert problems(folder)
    exclude(folder, "{sample: MM1S_dmso_1, reason: damaged}")
    assert load(folder)


def test_of_other_lines_nothing_is_told(folder):
    exclude(folder, "{sample: MM1S_dmso_1, reason: swapped}")
    assert load(folder, {"cell_lines": ["MM1S_res"]}).excluded == []


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (
            ["{sample: MM1S_dmso_9, reason: swapped}"],
            "line 7, exclude.sample: 'MM1S_dmso_9' is no sample of config/samples.tsv; did you mean"
            " 'MM1S_dmso_1'?",
        ),
        (
            ["{sample: MM1S_dmso_1, reason: a}", "{sample: MM1S_dmso_1, reason: b}"],
            "line 8, exclude.sample: 'MM1S_dmso_1' is excluded already",
        ),
        (
            ["{sample: MM1S_dmso_1}"],
            "line 7, exclude.reason: is missing. Why it is left out, in a few words.",
        ),
        (
            ["{sample: MM1S_dmso_1, reason: ''}"],
            "line 7, exclude.reason: is empty. Why it is left out, in a few words.",
        ),
    ],
)
def test_one_fault_gives_its_message(folder, items, message):
    exclude(folder, *items)
    found = problems(folder)
    assert len(found) == 1
    assert found[0].startswith(f"{FILE}, {message.split('; did')[0]}")


def test_too_few_replicates_are_left(folder):
    exclude(folder, *(f"{{sample: MM1S_dmso_{n}, reason: swapped}}" for n in (1, 2)))
    assert "'dmso' in MM1S has one replicate" in problems(folder)[0]


def test_something_is_left(folder):
    samples = {row["sample"] for row in rows()}
    exclude(folder, *(f"{{sample: {sample}, reason: bad}}" for sample in samples))
    assert f"{FILE}, line 6, exclude: leaves no sample of config/samples.tsv" in problems(folder)
