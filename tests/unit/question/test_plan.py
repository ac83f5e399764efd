"""Which files follow from what is asked, without Snakemake."""

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from imid.question.contrasts import Contrast, TwoLevels
from imid.question.fits import Fit
from imid.question.plan import Plan
from imid.question.quality_settings import Quality
from imid.question.samples import ExcludedSample
from imid.question.settings import Reference
from small_experiment import load, write_experiment

MM1S, RESISTANT, JOINT = "cell_lines/MM1S", "cell_lines/MM1S_res", "joint/MM1S+MM1S_res"
LENALIDOMIDE = Contrast("treatment", "lenalidomide", "dmso", name="len")
POMALIDOMIDE = Contrast("treatment", "pomalidomide", "dmso", name="pom")
DRUGS = Contrast("treatment", "pomalidomide", "lenalidomide", name="pom_len")
LINES = Contrast("cell_line", "MM1S_res", "MM1S", name="res")
BETWEEN = replace(LENALIDOMIDE, name="between", between=TwoLevels("cell_line", "MM1S_res", "MM1S"))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The plan of a checked experiment: two lines, three replicates of three treatments."""
    return Plan(load(write_experiment(tmp_path_factory.mktemp("small"))))


@pytest.fixture
def planned(small):
    """A plan of two lines and of both together; the sheet has their samples in turn."""
    samples = pd.DataFrame(
        {
            "sample": ["r1", "s1", "r2", "s2"],
            "cell_line": ["MM1S_res", "MM1S"] * 2,
            "treatment": ["dmso", "dmso", "lenalidomide", "lenalidomide"],
            "hours": ["72", "72", pd.NA, "72"],
        }
    )
    fits = [
        Fit(MM1S, ["MM1S"], [LENALIDOMIDE, POMALIDOMIDE, DRUGS]),
        Fit(RESISTANT, ["MM1S_res"], [LENALIDOMIDE]),
        Fit(JOINT, ["MM1S", "MM1S_res"], [LINES, BETWEEN]),
    ]
    left_out = [
        ExcludedSample("s3", "low", "MM1S"),
        ExcludedSample("r3", "lost", "MM1S_res"),
    ]
    reference = Reference(index=None, fasta="genome.fa", gtf="genes.gtf")
    settings = replace(small.experiment.settings, reference=reference)
    parts = {"samples": samples, "fits": fits, "excluded": left_out, "quality": Quality()}
    return Plan(SimpleNamespace(settings=settings, cell_lines=["MM1S", "MM1S_res"], **parts))


def of(plan, **settings):
    """The same plan with other settings."""
    both = replace(plan.experiment.settings, **settings)
    return Plan(SimpleNamespace(**{**vars(plan.experiment), "settings": both}))


def test_a_fit_reads_the_samples_of_its_lines_in_the_order_of_the_sheet(planned):
    assert planned.samples_of_fit(MM1S) == ["s1", "s2"]
    assert planned.samples_of_fit(JOINT) == ["r1", "s1", "r2", "s2"]
    assert planned.counts_of_fit(RESISTANT) == [
        "results/samples/r1/counts.tsv",
        "results/samples/r2/counts.tsv",
    ]
    assert planned.checks_of_fit(MM1S)[1] == "results/samples/s2/checks.json"


def test_strandedness_is_that_of_the_line(planned):
    assert planned.strandedness_of_sample("r2") == "results/strandedness/MM1S_res.json"


def test_a_fits_samples_are_written_as_a_table_of_their_own(planned):
    assert planned.metadata_rows(RESISTANT) == [
        "sample\tcell_line\ttreatment\thours",
        "r1\tMM1S_res\tdmso\t72",
        "r2\tMM1S_res\tlenalidomide\t<NA>",
    ]


def test_a_fit_tells_of_the_samples_left_out_of_its_own_lines(planned):
    assert [item.sample for item in planned.excluded_from_fit(RESISTANT)] == ["r3"]
    assert [item.sample for item in planned.excluded_from_fit(JOINT)] == ["s3", "r3"]


def test_contrasts_keep_the_order_of_the_configuration(planned):
    assert planned.contrast_files(MM1S, ".json") == [
        f"results/{MM1S}/contrasts/{name}.json" for name in ["len", "pom", "pom_len"]
    ]
    assert list(planned.contrasts) == ["len", "pom", "pom_len", "res", "between"]


def test_drugs_are_compared_that_have_the_control_in_common(planned):
    assert planned.comparisons_of_fit(MM1S) == ["pom.against.len"]
    assert planned.comparisons_of_fit(RESISTANT) == []
    assert planned.comparisons_of_fit(JOINT) == []


def test_contrasts_in_another_order_are_compared_the_other_way(planned):
    fit = Fit(MM1S, ["MM1S"], [POMALIDOMIDE, LENALIDOMIDE])
    turned = Plan(SimpleNamespace(**{**vars(planned.experiment), "fits": [fit]}))
    assert turned.comparisons_of_fit(MM1S) == ["len.against.pom"]


@pytest.mark.parametrize(
    "change",
    [
        {"under": {"batch": "2"}},
        {"denominator": "vehicle"},
        {"factor": "dose_um"},
        {"numerator": "lenalidomide"},
        {"between": TwoLevels("cell_line", "MM1S_res", "MM1S")},
    ],
)
def test_what_differs_in_more_than_the_drug_is_not_compared(planned, change):
    fit = Fit(MM1S, ["MM1S"], [LENALIDOMIDE, replace(POMALIDOMIDE, **change)])
    other = Plan(SimpleNamespace(**{**vars(planned.experiment), "fits": [fit]}))
    assert other.comparisons_of_fit(MM1S) == []


def test_a_contrast_of_several_lines_is_held_against_itself_across_them(planned):
    assert planned.across == ["len"]
    assert planned.fits_across("len") == [MM1S, RESISTANT]
    assert planned.across_files("len", "contrasts/{contrast}.tsv") == [
        f"results/{MM1S}/contrasts/len.tsv",
        f"results/{RESISTANT}/contrasts/len.tsv",
    ]
    assert planned.across_files("pom", "targets.tsv") == [f"results/{MM1S}/targets.tsv"]


def test_the_page_shows_each_contrast_and_comparison_of_a_fit_and_no_more(planned):
    shown = [name.removeprefix(f"results/{MM1S}/") for name in planned.page_tables(MM1S)]
    assert shown == [
        *["targets.tsv", "verdict.tsv", "activities.tsv"],
        *["contrasts/len.json", "contrasts/len.significant.tsv"],
        *["contrasts/pom.json", "contrasts/pom.significant.tsv"],
        *["contrasts/pom_len.json", "contrasts/pom_len.significant.tsv"],
        "comparisons/pom.against.len.json",
    ]


def test_fits_of_several_lines_are_not_held_against_each_other(planned):
    joint = [Fit(f"joint/{number}", ["MM1S", "MM1S_res"], [LINES]) for number in [1, 2]]
    assert Plan(SimpleNamespace(**{**vars(planned.experiment), "fits": joint})).across == []


def test_a_run_from_reads_leaves_all_of_each_sample_and_line(planned):
    left = planned.results_of_reads()
    made = [
        *["aligned.bam", "aligned.bam.bai", "counts.tsv", "reports", "checks.json"],
        "quality/genotypes.npz",
    ]
    for sample in ["r1", "s1", "r2", "s2"]:
        assert {f"results/samples/{sample}/{file}" for file in made} <= {*left}
    assert {"results/strandedness/MM1S_res.json", "results/qc/fates.tsv"} <= {*left}
    assert len(left) == len(set(left)) == 4 * len(made) + 2 + 6


@pytest.mark.parametrize(
    ("reference", "units"),
    [(Reference(index=None), []), (Reference(index=None, gtf="genes.gtf"), ["fpkm", "tpm"])],
)
def test_a_run_from_counts_has_units_if_it_is_annotated(planned, reference, units):
    plan = of(planned, counts="matrix.tsv", reference=reference)
    assert plan.units == units
    assert plan.results_of_reads() == []
    assert [unit in str(plan.results_of_fits()) for unit in ["fpkm", "tpm"]] == [bool(units)] * 2


def test_every_fit_contrast_and_comparison_leaves_its_files(planned):
    left = planned.results_of_fits()
    for name in ["len", "pom", "pom_len"]:
        for file in ["contrasts/{}.tsv", "contrasts/{}.json", "enrichment/{}.rnk"]:
            assert f"results/{MM1S}/{file.format(name)}" in left
    assert f"results/{MM1S}/comparisons/pom.against.len.tsv" in left
    assert f"results/{JOINT}/verdict.tsv" in left
    assert "results/across/len.targets.tsv" in left
    assert len(left) == len(set(left)) == 3 * 18 + 6 * 7 + 2 + 2


def test_what_later_steps_read_of_a_fit_is_named_apart(planned):
    between = planned.files_between()
    assert f"results/{JOINT}/fit.npz" in between
    assert len(between) == 3 * 4
    assert not {*between} & {*planned.results_of_fits()}


def test_a_model_depends_on_the_columns_that_it_or_a_contrast_names(planned):
    assert planned.factor_rows(RESISTANT)[0] == "sample\tcell_line\ttreatment"
    asked = planned.experiment.settings.differential
    differential = replace(asked, covariates={"hours": "slope"})
    assert of(planned, differential=differential).factor_rows(RESISTANT) == [
        "sample\tcell_line\ttreatment\thours",
        "r1\tMM1S_res\tdmso\t72",
        "r2\tMM1S_res\tlenalidomide\t<NA>",
    ]


def test_a_checked_experiment_is_planned_as_it_was_asked(small):
    assert [*small.fits] == [MM1S, RESISTANT]
    assert len(small.samples_of_fit(MM1S)) == 9
    assert small.comparisons_of_fit(MM1S) == ["pomalidomide_vs_dmso.against.lenalidomide_vs_dmso"]
    assert small.across == ["lenalidomide_vs_dmso", "pomalidomide_vs_dmso"]


def test_a_sample_of_two_lanes_is_one(small):
    assert len(small.line_of) == 18 < sum(map(len, small.experiment.lanes.values()))
    fewer = replace(small.experiment, fits=small.experiment.fits[:1])
    assert [*Plan(fewer).fits] == [MM1S]


def test_a_run_measures_each_sample_by_what_there_is_of_it(planned):
    measured = planned.measured_files()
    assert {f"results/samples/r1/quality/{what}.json" for what in ["counts", "reads"]} <= {
        *measured
    }
    given = of(planned, counts="matrix.tsv", reference=Reference(index=None))
    assert given.measured_files() == [
        f"results/samples/{sample}/quality/counts.json" for sample in given.line_of
    ]
    assert "results/reference/genes.warnings.tsv" in {*given.warnings()} - {*planned.warnings()}
    assert given.matrix_of_sample("r1") in [f"results/{fit}/counts.tsv" for fit in given.fits]


@pytest.mark.parametrize("stop_on", [[], ["strandedness"]])
def test_fits_wait_for_the_verdicts_only_where_a_figure_may_stop_the_run(planned, stop_on):
    quality = Quality(stop_on=stop_on)
    plan = Plan(SimpleNamespace(**{**vars(planned.experiment), "quality": quality}))
    assert plan.accepted() == ["results/qc/accepted.tsv"] * len(stop_on)
    assert {"results/qc/samples.tsv", "results/qc/verdicts.tsv"} <= {*plan.results_of_quality()}
    assert ("results/qc/accepted.tsv" in plan.results_of_quality()) == bool(stop_on)
    assert "results/qc/warnings.tsv" in plan.warnings()


def test_all_warnings_of_a_fits_steps_are_gathered(planned):
    told = planned.warnings()
    made = {file for file in planned.results_of_fits() if "warnings" in file}
    assert {f"results/{fit}/warnings/agreement.tsv" for fit in planned.fits} <= made
    assert made <= {*told}


def test_the_sheet_gives_the_rin_that_it_has(planned):
    rin = ["8.7", "NA", "10", "6"]
    samples = planned.experiment.samples.assign(rin=rin)
    plan = Plan(SimpleNamespace(**{**vars(planned.experiment), "samples": samples}))
    told = plan.figures_of_sheet()
    assert [*told] == samples["sample"].tolist()
    assert [*told.values()] == [{"rin": 8.7}, {}, {"rin": 10.0}, {"rin": 6.0}]
    assert [*planned.figures_of_sheet().values()] == [{}] * 4


def test_a_run_from_reads_leaves_what_a_genome_browser_opens(planned):
    assert planned.results_of_tracks() == [
        *(f"results/samples/{sample}/tracks" for sample in ["r1", "s1", "r2", "s2"]),
        "results/igv_session.xml",
    ]
    assert planned.shown_samples()[1] == {
        "sample": "s1",
        "cell_line": "MM1S",
        "treatment": "dmso",
    }
    assert of(planned, counts="matrix.tsv").results_of_tracks() == []
