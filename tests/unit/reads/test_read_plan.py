"""What alignment takes, without Snakemake."""

from dataclasses import replace

import pytest

from imid.question.samples import LaneFiles
from imid.reads.read_plan import ReadPlan
from small_experiment import load, write_experiment


@pytest.fixture
def experiment(tmp_path, monkeypatch):
    folder = write_experiment(tmp_path)
    monkeypatch.chdir(folder)
    return load(folder)


def of(experiment, **settings):
    """The plan of the experiment with other settings."""
    return ReadPlan(replace(experiment, settings=replace(experiment.settings, **settings)))


def test_the_lanes_of_a_sample_stand_in_the_order_of_the_sheet(experiment):
    assert [lane.files for lane in experiment.lanes["MM1S_dmso_1"]] == [
        [f"reads/MM1S_dmso_1_L{lane}_R{mate}.fastq.gz" for mate in [1, 2]] for lane in [1, 2]
    ]


def test_single_end_reads_have_no_second_mates(experiment):
    name = "reads/MM1S_dmso_2_L1_R1.fastq.gz"
    single = replace(experiment, lanes={"MM1S_dmso_2": [LaneFiles(name)]})
    origin = ReadPlan(single).origin_of_sample("MM1S_dmso_2")
    assert origin.reads == [name]


def test_a_sample_is_made_from_its_own_files(experiment):
    origin = ReadPlan(experiment).origin_of_sample("MM1S_dmso_2")
    assert origin.reads == [f"reads/MM1S_dmso_2_L1_R{mate}.fastq.gz" for mate in [1, 2]]
    assert origin.settings["aligner"] == "star"


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ({"trim": False}, "--aligner star --count-engine vectorized"),
        (
            {"trim": True, "adapters": "illumina", "aligner": "hisat2"},
            "--aligner hisat2 --count-engine vectorized --trim --adapters illumina",
        ),
        (
            {"trim": True, "adapters": ["AGAT", "CTGT"], "count_engine": "htseq"},
            "--aligner star --count-engine htseq --trim --adapters AGAT CTGT",
        ),
    ],
)
def test_settings_become_options(experiment, settings, options):
    settings = {"count_engine": "vectorized"} | settings
    assert of(experiment, **settings).align_options == options


def test_programs_are_those_that_the_reads_pass_through(experiment):
    assert of(experiment, trim=True).programs == ["STAR", "samtools", "fastp"]
    assert of(experiment, trim=False, aligner="hisat2").programs == ["hisat2", "samtools"]


def test_an_index_of_ones_own_is_told_as_the_config_has_it(experiment):
    def index(aligner, name="mine/genome"):
        reference = replace(experiment.settings.reference, index=name)
        return of(experiment, aligner=aligner, reference=reference).prebuilt_index

    assert index("star", None) is index("hisat2", None) is None
    assert index("star") == index("hisat2") == "mine/genome"


def test_strandedness_is_found_with_the_first_sample_that_has_its_reads(experiment):
    assert ReadPlan(experiment).sample_of_line("MM1S_res") == "MM1S_res_dmso_1"
    first = replace(experiment, archived=["MM1S_res_dmso_1"])
    assert ReadPlan(first).sample_of_line("MM1S_res") == "MM1S_res_dmso_2"
    assert "MM1S_res_dmso_1" not in ReadPlan(first).with_reads
    everything = replace(experiment, archived=[*experiment.samples["sample"]])
    assert ReadPlan(everything).sample_of_line("MM1S") == "MM1S_dmso_1"
    assert ReadPlan(everything).with_reads == []
