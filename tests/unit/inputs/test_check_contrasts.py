"""The configuration held against the samples."""

import pytest

from small_experiment import edit, load, problems, rows, write_experiment, write_sheet

FILE = "config/config.yaml"
SHEET = "config/samples.tsv"
SECOND = (
    "{name: pomalidomide_vs_dmso, factor: treatment, numerator: pomalidomide, denominator: dmso}"
)


@pytest.fixture
def folder(tmp_path):
    return write_experiment(tmp_path)


def contrast(name="another", factor="treatment", numerator="pomalidomide", denominator="dmso"):
    return f"{{name: {name}, factor: {factor}, numerator: {numerator}, denominator: {denominator}}}"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            SECOND,
            contrast(denominator="pomalidomide"),
            "line 15, differential.contrasts.denominator: 'pomalidomide' is the numerator too",
        ),
        (
            SECOND,
            contrast(name="Lenalidomide_vs_DMSO"),
            "line 15, differential.contrasts.name: 'Lenalidomide_vs_DMSO' is the name of an"
            " earlier contrast",
        ),
        (
            SECOND,
            contrast(factor="treatmnt"),
            "line 15, differential.contrasts.factor: 'treatmnt' is no factor in"
            " config/samples.tsv (treatment, batch, cell_line); did you mean 'treatment'?",
        ),
        (
            SECOND,
            contrast(factor="sample"),
            "line 15, differential.contrasts.factor: 'sample' is no factor in config/samples.tsv"
            " (treatment, batch, cell_line)",
        ),
        (
            SECOND,
            contrast(factor="cell_line", numerator="MM1S_res", denominator="MM1S"),
            "line 15, differential.contrasts: 'another' does not say at which treatment, and the"
            " effect may differ; add 'under: {treatment: …}'",
        ),
        (
            SECOND,
            contrast(denominator="DMSO"),
            "line 15, differential.contrasts.denominator: 'DMSO' is no treatment of MM1S, MM1S_res"
            " in config/samples.tsv (dmso, lenalidomide, pomalidomide); did you mean 'dmso'?",
        ),
        (
            SECOND,
            contrast(factor="batch", numerator='"2"', denominator='"1"'),
            "line 8, differential.design: '~ treatment' lacks 'batch', which is contrasted",
        ),
        (
            "~ treatment",
            "~ treatment + batches",
            "line 8, differential.design: '~ treatment + batches' names 'batches', which is no"
            " factor in config/samples.tsv (treatment, replicate, batch); did you mean 'batch'?",
        ),
        (
            "~ treatment",
            "~ cell_line + treatment",
            "line 8, differential.design: '~ cell_line + treatment' names 'cell_line', but each"
            " cell line has a fit of its own; a contrast may compare lines",
        ),
        (
            "~ treatment",
            "~ C(batch)",
            "line 8, differential.design: '~ C(batch)' lacks 'treatment', which is contrasted",
        ),
        (
            "~ treatment",
            "~ 1",
            "line 8, differential.design: '~ 1' lacks 'treatment', which is contrasted",
        ),
        (
            "  fdr: 0.05",
            "  reference: vehicle",
            "line 9, differential.reference: 'vehicle' is no treatment of MM1S, MM1S_res in"
            " config/samples.tsv (dmso, lenalidomide, pomalidomide)",
        ),
    ],
)
def test_one_fault_gives_its_message(folder, old, new, message):
    edit(folder / FILE, old, new)
    assert problems(folder) == [f"{FILE}, {message}"]


def test_a_design_with_batches_passes(folder):
    edit(folder / FILE, "~ treatment", "~ C(batch) + treatment")
    assert load(folder).warnings == []


def test_a_batch_that_goes_with_the_treatment_is_refused(folder):
    sheet = [row | {"batch": f"day_{row['treatment']}"} for row in rows()]
    write_sheet(folder, sheet)
    assert load(folder).warnings == []
    edit(folder / FILE, "~ treatment", "~ batch + treatment")
    where = f"{FILE}, line 8, differential.design: '~ batch + treatment' cannot be fitted to"
    why = "batch and treatment change together (config/samples.tsv, column batch, lines {}), so"
    remedy = "that no sample tells them apart; leave one of them out of the design"
    lines = [", ".join(map(str, range(first, first + 9))) for first in (2, 11)]
    assert problems(folder) == [
        f"{where} {line}: {why.format(numbers)} {remedy}"
        for line, numbers in zip(["MM1S", "MM1S_res"], lines, strict=True)
    ]


def test_a_design_needs_more_samples_than_coefficients(folder):
    sheet = [row for row in rows() if row["cell_line"] == "MM1S" and row["replicate"] != "3"]
    batches = iter(["a", "b", "b", "c", "c", "a", "a"])
    write_sheet(folder, [row | {"batch": next(batches)} for row in sheet])
    design = "~ batch + C(replicate) + treatment"
    edit(folder / FILE, "~ treatment", design)
    assert problems(folder) == [
        f"{FILE}, line 8, differential.design: '{design}' cannot be fitted to MM1S:"
        " its 6 samples leave nothing to estimate the variance from; leave a variable out, or add"
        " replicates"
    ]


def test_a_sample_without_a_batch_cannot_be_fitted(folder):
    sheet = rows()
    sheet[4]["batch"] = ""
    write_sheet(folder, sheet)
    assert load(folder).warnings == []
    edit(folder / FILE, "~ treatment", "~ batch + treatment")
    assert problems(folder) == [
        f"{SHEET}, line 6, column batch: is missing for sample 'MM1S_lenalidomide_2', but the"
        " design names batch"
    ]


def test_a_line_without_any_contrast_is_refused(folder):
    kept = [row for row in rows() if not row["sample"].startswith("MM1S_res_dmso")]
    write_sheet(folder, kept)
    assert problems(folder) == [
        f"{FILE}, line 10, differential.contrasts: none of them can be made in MM1S_res"
        " (lenalidomide, pomalidomide); leave it out by cell_lines"
    ]
    assert load(folder, {"cell_lines": ["MM1S"]}).cell_lines == ["MM1S"]


def test_a_treatment_that_is_not_compared_is_a_warning(folder):
    sheet = rows()
    for row in sheet[3:6]:
        row["treatment"] = "lenalidomid"
    write_sheet(folder, sheet)
    assert load(folder).warnings == [
        f"{FILE}, line 11, differential.contrasts: 'lenalidomide_vs_dmso' is left out for MM1S:"
        " no sample has treatment lenalidomide",
        f"{SHEET}, line 5, column treatment: 'lenalidomid' is in no contrast; did you mean"
        " 'lenalidomide'?",
    ]


def test_without_a_cell_line_nothing_else_is_said(folder):
    assert problems(folder, {"cell_lines": ["OPM2"]}) == [
        f"--config, cell_lines: 'OPM2' is no cell line of {SHEET} (MM1S, MM1S_res)"
    ]


def test_a_level_of_an_unselected_line_is_unknown(folder):
    sheet = rows()
    for row in sheet[6:9]:
        row["treatment"] = "thalidomide"
    write_sheet(folder, sheet)
    assert problems(folder, {"cell_lines": ["MM1S"]}) == [
        f"{FILE}, line 15, differential.contrasts.numerator: 'pomalidomide' is no treatment of"
        f" MM1S in {SHEET} (dmso, lenalidomide, thalidomide)"
    ]


@pytest.mark.parametrize(
    "ending", [".significant", ".targets", ".against", ".against.x", ".against.x.ma"]
)
def test_a_contrast_is_not_called_what_a_file_of_another_is(folder, ending):
    edit(folder / FILE, SECOND, contrast(name=f"lenalidomide_vs_dmso{ending}"))
    assert problems(folder) == [
        f"{FILE}, line 15, differential.contrasts.name: 'lenalidomide_vs_dmso{ending}' is what a"
        f" file of the contrast 'lenalidomide_vs_dmso' is called; end it otherwise than in"
        f" '{ending}'"
    ]


@pytest.mark.parametrize(
    "level", ["20:00", "010", "20240115", "1e3", "yes", "null", "5.0", "2024-02-30", "0.1234567"]
)
def test_a_level_is_the_text_that_stands_in_the_file(folder, level):
    """Batches that YAML would make numbers, dates or truth values of."""
    known = ["1", "2", level.replace(":", "-")]
    sheet = [row | {"batch": known[int(row["replicate"]) - 1]} for row in rows()]
    write_sheet(folder, sheet)
    edit(folder / FILE, "~ treatment", "~ batch + treatment")
    edit(folder / FILE, SECOND, contrast(factor="batch", numerator=known[2], denominator=1))
    taken = load(folder).fits[0].contrasts[1]
    assert (taken.numerator, taken.denominator) == (known[2], "1")


@pytest.mark.parametrize(
    ("level", "shown", "hint"),
    [
        ("20:00", "'20:00'", ""),
        ("5", "'5'", "; write it as the sheet does, '5.0'"),
        (
            '"5.0\\u00a0"',
            "'5.0\\u00a0' (its character 4 is U+00A0, NO-BREAK SPACE)",
            "; did you mean '5.0'?",
        ),
    ],
)
def test_a_level_that_is_not_the_sheets_is_shown_as_it_was_written(folder, level, shown, hint):
    batches = ["1200", "8", "5.0"]
    write_sheet(folder, [row | {"batch": batches[int(row["replicate"]) - 1]} for row in rows()])
    edit(folder / FILE, "~ treatment", "~ batch + treatment")
    edit(folder / FILE, SECOND, contrast(factor="batch", numerator=level, denominator="1200"))
    assert problems(folder) == [
        f"{FILE}, line 15, differential.contrasts.numerator: {shown} is no batch of MM1S, MM1S_res"
        f" in {SHEET} (1200, 8, 5.0){hint}"
    ]
