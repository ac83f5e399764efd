"""The configuration: what is refused, where it was given, and what is filled in."""

import json

import pytest
import yaml

from imid.inputs.check_config import check_config
from imid.question.settings import Reference
from small_experiment import CONFIG, write

FILE = "config/config.yaml"
CONTRAST = "differential.contrasts"


def check(folder, text, overrides=None):
    write(folder / FILE, text)
    return check_config([folder / FILE], folder, overrides)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("aligner: star", "aligner: bwa", "line 5, aligner: 'bwa' is not one of star, hisat2"),
        (
            "aligner: star",
            "aligner: Star",
            "line 5, aligner: 'Star' is not one of star, hisat2; did you mean 'star'?",
        ),
        ("aligner: star", "aligner:", "line 5, aligner: empty is not one of star, hisat2"),
        ("aligner: star", "trim: maybe", "line 5, trim: must be true or false, not 'maybe'"),
        (
            "aligner: star",
            "aligner: star\nfdr: 0.1",
            "line 6, fdr: unknown setting; it belongs under differential",
        ),
        (
            "  fdr: 0.05",
            "  trim: false",
            "line 9, differential.trim: unknown setting; it belongs to no block",
        ),
        (
            "  fdr: 0.05",
            "  threads: 4",
            "line 9, differential.threads: unknown setting; known are design, covariates,"
            " reference, inference, test, fdr, log2_fold_change, contrasts",
        ),
        ("0.05", "0", "line 9, differential.fdr: 0 is too small; it must be greater than 0"),
        ("0.05", "1", "line 9, differential.fdr: 1 is too large; it must be less than 1"),
        (
            "0.05",
            '"0.05"',
            "line 9, differential.fdr: must be a number, not '0.05'; write it without quotes",
        ),
        (
            "0.05",
            "0,05",
            "line 9, differential.fdr: must be a number, not '0,05'; write a point in place of the"
            " comma",
        ),
        *(
            (
                "0.05",
                word,
                f"line 9, differential.fdr: must be a number, not '{word}'; write it as 0.05, 2 or"
                " 1e-3",
            )
            for word in [".nan", "nan", ".inf", "-.inf", "0_05", "010", "0x1", "0:20", "5%", "yes"]
        ),
        (
            "fdr: 0.05",
            "log2_fold_change: 1e999",
            "line 9, differential.log2_fold_change: must be a number, not '1e999'; it is too large",
        ),
        (
            "fdr: 0.05",
            "log2_fold_change: 1e9",
            "line 9, differential.log2_fold_change: 1000000000.0 is too large; it must be at most"
            " 30",
        ),
        (
            "fdr: 0.05",
            "log2_fold_change: -1",
            "line 9, differential.log2_fold_change: -1 is too small; it must be at least 0",
        ),
        (
            "denominator: dmso\n    - {",
            "denominator:\n    - {",
            f"line 14, {CONTRAST}.denominator: must be text, not empty",
        ),
        (
            "      factor: treatment\n",
            "",
            f"line 11, {CONTRAST}.factor: is missing. A column of the sheet that is in the design.",
        ),
        (
            "lenalidomide_vs_dmso",
            "lenalidomide/dmso",
            f"line 11, {CONTRAST}.name: 'lenalidomide/dmso' does not fit: letters, digits, '.',"
            " '_' and '-' only, beginning with a letter or a digit, not NA, and not the same again"
            " and again: it names files",
        ),
        (
            "  gtf: reference/genes.gtf\n",
            "",
            "line 2, reference.gtf: is missing. The annotation, plain or gzipped GTF; its exon"
            " lines are counted by gene_id.",
        ),
        (
            "samples: config/samples.tsv",
            "samples: [a.tsv, b.tsv]",
            "line 1, samples: must be text, not a list",
        ),
        (
            "aligner: star",
            "cell_lines: MM1S",
            "line 5, cell_lines: must be a list or empty, not 'MM1S'; write [MM1S]",
        ),
        ("aligner: star", "cell_lines: [a, b, a]", "line 5, cell_lines: names a twice"),
        (
            "aligner: star",
            'trim: "no"',
            "line 5, trim: must be true or false, not 'no'; write it without quotes",
        ),
        (
            "aligner: star",
            "strandednes: no",
            "line 5, strandednes: unknown setting; did you mean 'strandedness'?",
        ),
        (
            "strandedness: reverse",
            "strandedness: No",
            "line 6, strandedness: 'No' is not one of no, yes, reverse, auto; did you mean 'no'?",
        ),
        (
            "aligner: star",
            "gene_sets: {~: a.gmt}",
            "line 5, gene_sets: '~' does not fit: letters, digits, '.', '_' and '-' only, not NA,"
            " and not target_panel, which is the panel's own",
        ),
        (
            "aligner: star",
            "gene_sets:",
            "line 5, gene_sets: must be a block of settings, not empty",
        ),
        *(
            (
                "aligner: star",
                f"targets: {path}",
                f"line 5, targets: {shown} does not fit: a path holds no {{ }} \\ and no line"
                " breaks, and does not begin with '-' or a blank",
            )
            for path, shown in [
                ("-t.tsv", "'-t.tsv'"),
                ("'{sample}.tsv'", "'{sample}.tsv'"),
                (r"C:\\data\\t.tsv", r"'C:\\data\\t.tsv'"),
                ('" t.tsv"', "' t.tsv'"),
            ]
        ),
        (
            "aligner: star",
            "trim: true\ntrim: false",
            "line 5, trim: is given twice; only the last one, on line 6, would count",
        ),
    ],
)
def test_a_faulty_setting_is_told_with_its_line(tmp_path, old, new, message):
    assert CONFIG.count(old) == 1
    assert check(tmp_path, CONFIG.replace(old, new)).problems == [f"{FILE}, {message}"]


def test_a_missing_setting_of_the_top_has_no_line(tmp_path):
    checked = check(tmp_path, CONFIG.replace("strandedness: reverse\n", ""))
    assert len(checked.problems) == 1
    assert checked.problems[0].startswith(f"{FILE}, strandedness: is missing. Whether a read")


def test_all_faults_are_told(tmp_path):
    text = CONFIG.replace("aligner: star", "aligner: bwa\nbwa: 1").replace("0.05", "2")
    assert len(check(tmp_path, text).problems) == 3


def test_a_setting_of_the_command_line_has_no_line(tmp_path):
    problems = check(tmp_path, CONFIG, {"aligner": "bwa", "thrim": False}).problems
    assert [problem.split(":")[0] for problem in problems] == [
        "--config, thrim",
        "--config, aligner",
    ]


def test_the_file_that_gave_a_setting_is_named(tmp_path):
    write(tmp_path / FILE, CONFIG)
    write(tmp_path / "other.yaml", "# mine\ndifferential:\n  fdr: 2\n")
    assert check_config([FILE, "other.yaml"], tmp_path).problems == [
        "other.yaml, line 3, differential.fdr: 2 is too large; it must be less than 1"
    ]
    assert check_config(["other.yaml", FILE], tmp_path).problems == []


def test_a_list_is_told_with_the_file_that_gave_all_of_it(tmp_path):
    text = CONFIG.replace("lenalidomide_vs_dmso", "a/b")
    write(tmp_path / FILE, text)
    item = "{name: a/b, factor: treatment, numerator: pomalidomide, denominator: dmso}"
    write(tmp_path / "other.yaml", f"differential:\n  contrasts:\n\n    - {item}\n")
    problems = check_config([FILE, "other.yaml"], tmp_path).problems
    assert [problem.split(":")[0] for problem in problems] == [
        f"other.yaml, line 4, {CONTRAST}.name"
    ]


def test_a_block_given_twice_is_one_problem(tmp_path):
    problems = check(tmp_path, CONFIG + "differential:" + CONFIG.split("differential:")[1]).problems
    assert problems == [
        f"{FILE}, line 7, differential: is given twice; only the last one, on line 16, would count"
    ]


def test_json_has_lines_too(tmp_path):
    write(
        tmp_path / "c.json",
        json.dumps(yaml.safe_load(CONFIG) | {"trim": 3, "cell_lines": ["1"]}, indent=1),
    )
    problems = check_config(["c.json"], tmp_path).problems
    line = (tmp_path / "c.json").read_text().splitlines().index(' "trim": 3,') + 1
    assert problems == [f"c.json, line {line}, trim: must be true or false, not '3'"]


def test_a_setting_from_a_merge_key_has_its_block_line(tmp_path):
    text = "shared: &shared\n  fdr: 3\n" + CONFIG.replace("  fdr: 0.05", "  <<: *shared")
    problems = check(tmp_path, text).problems
    assert f"{FILE}, line 9, differential.fdr: 3 is too large; it must be less than 1" in problems


def test_sound_tells_what_can_be_relied_on(tmp_path):
    checked = check(tmp_path, CONFIG.replace("factor: treatment\n", "factr: treatment\n"))
    assert checked.sound("samples")
    assert checked.sound("differential", "fdr")
    assert checked.sound("differential", "contrasts", 1)
    assert not checked.sound("differential", "contrasts", 0)
    assert not checked.sound("differential")
    assert not checked.sound("targts")


def test_what_is_faulty_is_as_if_it_were_left_out(tmp_path):
    text = CONFIG.replace("factor: treatment\n", "factr: treatment\n")
    text = text.replace("fdr: 0.05", "fdr: 5").replace("aligner: star", "aligner: bwa")
    checked = check(tmp_path, text + "exclude: [{sample: a}]\ncounts: []\ntrm: no\n")
    settings = checked.settings
    assert (settings.aligner, settings.exclude, settings.trim) == ("star", [], True)
    assert settings.differential.fdr == 0.05
    # What a contrast is told by is its place in the list.
    assert [*checked.contrasts] == [1]
    assert [*checked.contrasts.values()] == settings.differential.contrasts
    # A matrix is meant, whatever it is called.
    assert not settings.from_reads


def test_a_block_that_is_none_has_its_defaults(tmp_path):
    settings = check(tmp_path, "differential: 5\nreference: 5\n").settings
    assert settings.differential.design == "~ treatment"
    assert settings.differential.contrasts == []
    assert settings.reference.given == {}


def test_words_have_the_type_that_their_setting_wants(tmp_path):
    """Where that is a text, it is the one that stands there, whatever YAML would make of it."""
    words = ["20:00", "010", "20240115", "1e3", "1_000", "yes", "off", "null", "5.0", "2024-02-30"]
    contrasts = "".join(
        f"    - {{name: {word}, factor: batch, numerator: {word}, denominator: '0', under:"
        f" {{hours: {word}}}}}\n"
        for word in words
        if ":" not in word
    )
    text = (
        "samples: 1.50\ncell_lines: [8226, 0x10, 0.1234567]\ntrim: off\ncounts: ~\n"
        f"strandedness: no\nreference: {{fasta: 007, gtf: true, index: null}}\n"
        f"differential:\n  reference: 20:00\n  fdr: 5e-2\n  log2_fold_change: 1\n  contrasts:\n"
        f"{contrasts}gene_sets: {{no: 1.0, 5: 010}}\n"
    )
    checked = check(tmp_path, text)
    assert checked.problems == []
    settings = checked.settings
    assert settings.samples == "1.50"
    assert settings.cell_lines == ["8226", "0x10", "0.1234567"]
    assert settings.trim is False
    assert settings.counts is None
    assert settings.strandedness == "no"
    assert settings.reference == Reference(fasta="007", gtf="true", index=None)
    assert settings.gene_sets == {"no": "1.0", "5": "010"}
    differential = settings.differential
    assert differential.reference == "20:00"
    assert (differential.fdr, differential.log2_fold_change) == (0.05, 1)
    for word, contrast in zip(words[1:], differential.contrasts, strict=True):
        assert contrast.name == contrast.numerator == contrast.under["hours"] == word
    # No `Plain` is left: what comes after knows text only.
    first = differential.contrasts[0]
    assert {type(level) for level in [first.name, first.factor, *first.under.values()]} == {str}


def test_the_command_line_overrides_the_files(tmp_path):
    """Snakemake hands on numbers and truth values at the top, text within blocks."""
    given = {"trim": False, "differential": {"fdr": "0.2"}, "counts": 20240115, "cell_lines": None}
    checked = check(tmp_path, CONFIG, given)
    assert checked.problems == []
    assert checked.settings.trim is False
    assert checked.settings.differential.fdr == 0.2
    assert len(checked.settings.differential.contrasts) == 2
    assert checked.settings.counts == "20240115"
