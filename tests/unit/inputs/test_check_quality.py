"""What the config says of the samples' quality: what is refused, and where it was given."""

import pytest

from imid.inputs.check_config import check_config
from imid.inputs.check_quality import (
    quality_problems,
    site_findings,
    spike_in_problems,
    stroma_problems,
)
from imid.inputs.check_reference import Annotation
from imid.question.quality_settings import Quality, SpikeIns
from imid.shared.problems import InputError, quoted
from imid.userfiles.site_files import Stretch
from small_experiment import CONFIG, load, write, write_experiment


def check(folder, *lines):
    path = folder / "config/config.yaml"
    write(path, CONFIG + "".join(f"{line}\n" for line in lines))
    return check_config([path], folder)


def told(config):
    """What is said after the file and the line."""
    problems = [*config.problems, *quality_problems(config)]
    return [problem.partition("qc.")[2] for problem in problems]


def test_what_is_left_out_is_as_usual(tmp_path):
    assert check(tmp_path).quality == Quality({}, [])


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ("rrna: {fail: 20}", "a share lies between 0 and 1, not at 20; write 20% as 0.2"),
        ("rrna: {warn: -0.1}", "a share lies between 0 and 1, not at -0.1"),
        ("pairs: {fail: -1}", "-1 is below zero, where no value lies"),
    ],
)
def test_a_bound_beyond_which_no_value_can_lie_is_refused(tmp_path, bounds, said):
    (problem,) = told(check(tmp_path, "qc:", f"  bounds: {{{bounds}}}"))
    assert problem.endswith(said)
    assert told(check(tmp_path, "qc:", "  bounds: {rrna: {warn: 0, fail: 1}}")) == []


def test_bounds_are_taken_one_by_one(tmp_path):
    config = check(
        tmp_path,
        *["qc:", "  bounds: {pairs: {warn: 300, fail: 20}, rrna: {fail: null}}"],
        "  stop_on: [pairs, strandedness]",
    )
    assert told(config) == []
    assert config.quality.bounds == {"pairs": {"warn": 300, "fail": 20}, "rrna": {"fail": None}}
    assert config.quality.stop_on == ["pairs", "strandedness"]


def test_unknown_figures_are_told_with_what_was_meant(tmp_path):
    config = check(tmp_path, "qc:", "  bounds:", "    pars: {warn: 3}", "  stop_on: [strandednes]")
    bound, stop = told(config)
    assert bound == "bounds.pars: unknown setting; did you mean 'pairs'?"
    assert stop.startswith("stop_on: 'strandednes' is not one of pairs, ")
    assert stop.endswith("; did you mean 'strandedness'?")
    lines = (tmp_path / "config/config.yaml").read_text().splitlines()
    assert f"line {lines.index('    pars: {warn: 3}') + 1}, qc" in config.problems[0]


def test_bounds_that_cannot_be_are_refused_where_they_stand(tmp_path):
    config = check(
        tmp_path,
        *["qc:", "  bounds:", "    pairs: {warn: 1000000}", "    gc: {warn: 0.3}"],
        *["    q30: {fail: 30%}", "    rin: {warns: 7}"],
    )
    assert sorted(told(config)) == [
        "bounds.gc: gc is neither good nor bad, and has no bounds",
        "bounds.pairs: fails at 5,000,000 and warns at 1,000,000, but of pairs a low value is bad:"
        " fail must lie below warn",
        "bounds.q30.fail: must be a number or empty, not '30%'; write it as 0.05, 2 or 1e-3",
        "bounds.rin.warns: unknown setting; did you mean 'warn'?",
    ]


def test_what_cannot_fail_cannot_stop_a_run(tmp_path):
    config = check(tmp_path, "qc:", "  bounds: {rrna: {fail: null}}", "  stop_on: [rrna]")
    assert told(config) == [
        "stop_on: nothing says from where on rrna fails; set qc.bounds.rrna.fail"
    ]
    assert told(check(tmp_path, "qc:", "  stop_on: [gc]"))[0].startswith("stop_on: 'gc' is not")


def test_stroma_must_be_of_the_sheet(tmp_path):
    config = check(tmp_path, "qc: {stroma: [HS5, HS55]}")
    assert stroma_problems(config, ["MM1S", "HS5"]) == [
        "config/config.yaml, line 16, qc.stroma: 'HS55' is no cell line of the sheet"
        " (MM1S, HS5); did you mean 'HS5'?"
    ]


def test_sites_must_be_where_genes_are():
    annotation = Annotation("genes.gtf", {}, {"1": ["G"]}, complete=True, exons=1, reach={})
    other = [Stretch("chr1", 5, 6)]
    assert site_findings([Stretch("1", 5, 6)], "sites.bed", annotation) == ([], [])
    (problem,), _ = site_findings(other, "sites.bed", annotation)
    assert "none of its 1 sites is on a contig with genes (chr1 against 1 of genes.gtf)" in problem


def test_sites_that_are_not_asked_are_told():
    annotation = Annotation("genes.gtf", {}, {"1": ["G"]}, complete=True)
    sites = [Stretch("1", 5, 6), Stretch("chr1", 5, 6), Stretch("chr1", 8, 9), Stretch("2", 1, 2)]
    problems, (warning,) = site_findings(sites, "sites.bed", annotation)
    assert problems == []
    assert warning.startswith(
        "sites.bed: 3 of its 4 sites are on contigs without genes (chr1, 2 against 1 of genes.gtf),"
        " and are not asked"
    )


@pytest.mark.parametrize(("contig", "told"), [("chr1", True), ("2", False)])
def test_of_a_large_annotation_another_style_of_names_is_known_by_its_beginning(contig, told):
    annotation = Annotation("genes.gtf", {}, {"1": ["G"]}, complete=False)
    problems, warnings = site_findings([Stretch(contig, 5, 6)], "sites.bed", annotation)
    assert (len(problems), warnings) == (told, [])


def test_a_site_file_is_read_before_the_run(tmp_path):
    write_experiment(tmp_path)
    config = tmp_path / "config/config.yaml"
    config.write_text(config.read_text() + "qc: {sites: sites.bed}\n")
    with pytest.raises(InputError) as missing:
        load(tmp_path)
    assert "'sites.bed' does not exist" in str(missing.value)
    (tmp_path / "sites.bed").write_text("1\t9\t5\n")
    with pytest.raises(InputError) as damaged:
        load(tmp_path)
    assert "sites.bed, line 1: the end, 5, must lie beyond the start" in str(damaged.value)


ERCC = {f"ERCC-{n:05d}": f"ERCC-{n:05d}" for n in range(12)}
GENES = {"ENSG1": "MYC", "ENSG2": "ERCC1", "ENSG3": "ERCC2"}


@pytest.mark.parametrize("given", ["{}", "{normalize: true}", '{pattern: "^ERCC-[0-9]{5}$"}'])
def test_spike_ins_are_those_that_the_expression_fits(tmp_path, given):
    config = check(tmp_path, f"qc: {{spike_ins: {given}}}")
    assert told(config) == spike_in_problems(config, ERCC | GENES) == []
    assert isinstance(config.quality.spike_ins, SpikeIns)
    # Of an annotation that was not read whole nothing is known.
    assert spike_in_problems(config, {}) == []


@pytest.mark.parametrize(
    ("given", "genes", "why"),
    [
        ("{}", GENES, "'^ERCC-' fits none of the 3 genes (ENSG1, ENSG2, ENSG3), by id or name"),
        ("{pattern: ERCC, normalize: true}", GENES, "'ERCC' fits 2 of the 3 genes"),
        ("{pattern: .}", ERCC | GENES, "'.' fits all of the 15 genes"),
    ],
)
def test_expressions_that_fit_too_few_genes_or_all_are_refused(tmp_path, given, genes, why):
    config = check(tmp_path, f"qc: {{spike_ins: {given}}}")
    (problem,) = spike_in_problems(config, genes)
    assert problem.startswith("config/config.yaml, line 16, qc")
    assert why in problem


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("ERCC-(", "missing )"),
        ("ERCC-{99999999999999}", "the repetition number is too large"),
        ("(" * 5000 + ")" * 5000, "maximum recursion depth"),
    ],
)
def test_what_is_no_expression_is_refused_where_it_stands(tmp_path, pattern, why):
    config = check(tmp_path, f'qc: {{spike_ins: {{pattern: "{pattern}"}}}}')
    (problem,) = told(config)
    assert problem.startswith(
        f"spike_ins.pattern: {quoted(pattern)} is no regular expression: {why}"
    )
    assert spike_in_problems(config, GENES) == []


def test_spike_ins_are_looked_for_before_the_run(tmp_path):
    write_experiment(tmp_path)
    config = tmp_path / "config/config.yaml"
    config.write_text(config.read_text() + "qc: {spike_ins: {normalize: true}}\n")
    with pytest.raises(InputError, match="at least 10 must be spike-ins where"):
        load(tmp_path)
