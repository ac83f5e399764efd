"""The configuration: what is refused, where it was given, and what is filled in."""

import json

import pytest
import yaml

from check_config import check_config, read_config_file
from problems import InputError
from small_experiment import CONFIG, write

FILE = "config/config.yaml"
CONTRAST = "differential.contrasts"


def check(folder, text, overrides=None):
    write(folder / FILE, text)
    config = yaml.safe_load(text) | (overrides or {})
    return check_config(config, [folder / FILE], folder)


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
            " reference, inference, fdr, log2_fold_change, contrasts",
        ),
        ("0.05", "0", "line 9, differential.fdr: 0 is too small; it must be greater than 0"),
        ("0.05", "1", "line 9, differential.fdr: 1 is too large; it must be less than 1"),
        (
            "0.05",
            "5e-2",
            "line 9, differential.fdr: must be a number, not '5e-2'; YAML takes this for text:"
            " write it with a point, such as 1.0e-3, unquoted",
        ),
        (
            "fdr: 0.05",
            "log2_fold_change: -1",
            "line 9, differential.log2_fold_change: -1 is too small; it must be at least 0",
        ),
        (
            "denominator: dmso\n    - {",
            "denominator: true\n    - {",
            f"line 14, {CONTRAST}.denominator: must be text, not true; put it in quotes",
        ),
        (
            "      factor: treatment\n",
            "",
            f"line 11, {CONTRAST}.factor: is missing. A column of the sheet that is in the design.",
        ),
        (
            "lenalidomide_vs_dmso",
            "lenalidomide/dmso",
            f"line 11, {CONTRAST}.name: 'lenalidomide/dmso' does not fit. Letters, digits, '.',"
            " '_' and '-' only, beginning with a letter or a digit: it names files.",
        ),
        (
            "~ treatment",
            "treatment",
            "line 8, differential.design: 'treatment' does not fit. A formula of the sheet's"
            " columns, such as ~ treatment or ~ batch + treatment.",
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
            "line 5, cell_lines: must be a list or empty, not 'MM1S'",
        ),
        ("aligner: star", "cell_lines: [a, b, a]", "line 5, cell_lines: names a twice"),
        (
            "aligner: star",
            "cell_lines: [8226]",
            "line 5, cell_lines: must be text, not 8226; put it in quotes",
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
    config = yaml.safe_load(CONFIG)
    config["differential"]["fdr"] = 2
    for files in (["other.yaml", FILE], [FILE, "other.yaml"]):
        checked = check_config(config, files, tmp_path)
        assert checked.problems == [
            "other.yaml, line 3, differential.fdr: 2 is too large; it must be less than 1"
        ]


def test_a_list_is_told_with_the_file_that_gave_all_of_it(tmp_path):
    text = CONFIG.replace("lenalidomide_vs_dmso", "a/b")
    write(tmp_path / FILE, text)
    item = "{name: a/b, factor: treatment, numerator: pomalidomide, denominator: dmso}"
    write(tmp_path / "other.yaml", f"differential:\n  contrasts:\n\n    - {item}\n")
    config = yaml.safe_load(text)
    config["differential"] |= yaml.safe_load((tmp_path / "other.yaml").read_text())["differential"]
    problems = check_config(config, [FILE, "other.yaml"], tmp_path).problems
    assert [problem.split(":")[0] for problem in problems] == [
        f"other.yaml, line 4, {CONTRAST}.name"
    ]


def test_a_block_given_twice_is_one_problem(tmp_path):
    problems = check(tmp_path, CONFIG + "differential:" + CONFIG.split("differential:")[1]).problems
    assert problems == [
        f"{FILE}, line 7, differential: is given twice; only the last one, on line 16, would count"
    ]


def test_json_has_lines_too(tmp_path):
    write(tmp_path / "c.json", json.dumps(yaml.safe_load(CONFIG) | {"trim": 3}, indent=1))
    config = json.loads((tmp_path / "c.json").read_text())
    problems = check_config(config, ["c.json"], tmp_path).problems
    line = (tmp_path / "c.json").read_text().splitlines().index(' "trim": 3') + 1
    assert problems == [f"c.json, line {line}, trim: must be true or false, not 3"]


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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1\nb: 2\n", "c.yaml, line 2: is not YAML"),
        ("- a\n- b\n", "c.yaml: must hold settings"),
        ("", "c.yaml: must hold settings"),
    ],
)
def test_what_is_no_config_is_refused(tmp_path, text, message):
    write(tmp_path / "c.yaml", text)
    with pytest.raises(InputError) as raised:
        read_config_file(tmp_path / "c.yaml", "c.yaml")
    assert raised.value.problems[0].startswith(message)


def test_a_missing_config_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"^c\.yaml: cannot be read"):
        read_config_file(tmp_path / "c.yaml", "c.yaml")
