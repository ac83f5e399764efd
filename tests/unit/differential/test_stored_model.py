"""The file of a fitted model: it gives the same results, runs nothing, and is small."""

import json
import os
import pickle
import subprocess
import sys
import time
import zipfile

import numpy as np
import pandas as pd
import pytest

from imid.differential import deseq, fitting
from imid.differential.stored_model import read_model, write_model
from imid.inference.dispersion_trend import local_trend, mean_trend
from imid.question.contrasts import Contrast
from imid.shared.problems import InputError
from imid.synthetic.simulate_counts import EXPERIMENTS, simulate

PAIR = Contrast("treatment", "lenalidomide", "dmso")
TRENDS = {"local": local_trend, "mean": lambda means, found: mean_trend(found)}


def everything(fit):
    """All that is published of a fit."""
    return {
        "contrast": deseq.contrast(fit, PAIR, 0.05),
        "thresholded": deseq.thresholded(fit, PAIR, 0.05, 1.0),
        "shrunken": deseq.shrink(fit, PAIR).to_frame(),
        "weights": deseq.coefficients(fit, PAIR).to_frame(),
        "dispersions": deseq.dispersions(fit),
        "normalized": deseq.normalized(fit),
        "stabilized": deseq.variance_stabilized(fit),
        "design": fit.design_matrix,
    }


def model(kind="vectorized", experiment="three_groups", genes=300, **settings):
    counts, samples, _ = simulate(EXPERIMENTS[experiment], genes, seed=3)
    samples = samples.rename_axis("sample").assign(**settings.pop("columns", {}))
    settings = {"design": EXPERIMENTS[experiment].design, "references": "dmso", **settings}
    return fitting.fit(counts.rename_axis("gene_id"), samples, inference=kind, **settings)


def with_replaced_outliers(kind):
    fit = model(kind, "outliers")
    assert fit.genes["replaced"].any()
    return fit


def with_slope():
    values = ["0.9", "0.3", "0.6", "0.5", "1.0", "0.2", "0.8", "0.1", "0.7"]
    settings = {"columns": {"purity": values}, "slopes": ["purity"]}
    return model(design="~ purity + treatment", **settings)


def with_trend(kind, monkeypatch):
    def trend(means, found, lowest):
        used = found > 100 * lowest
        return TRENDS[kind](means[used], found[used])

    monkeypatch.setattr("imid.inference.r_choices.fit_trend", trend)
    with pytest.warns(UserWarning, match=f"a {kind} trend is used"):
        return model()


FITS = {
    "plain": lambda patch: model(),
    "stock": lambda patch: model("pydeseq2", genes=60),
    "replaced": lambda patch: with_replaced_outliers("vectorized"),
    "replaced_stock": lambda patch: with_replaced_outliers("pydeseq2"),
    "batches": lambda patch: model(experiment="two_factors"),
    "slope": lambda patch: with_slope(),
    "local_trend": lambda patch: with_trend("local", patch),
    "mean_trend": lambda patch: with_trend("mean", patch),
}


@pytest.mark.parametrize("name", FITS)
def test_a_model_read_back_gives_the_same_to_the_last_digit(name, monkeypatch, tmp_path):
    fit = FITS[name](monkeypatch)
    write_model(fit, tmp_path / "fit.npz")
    again = read_model(tmp_path / "fit.npz")
    for (what, ours), theirs in zip(
        everything(again).items(), everything(fit).values(), strict=True
    ):
        pd.testing.assert_frame_equal(ours, theirs, check_exact=True, obj=what)
    pd.testing.assert_frame_equal(again.factors, fit.factors)
    assert again.counts.dtype == fit.counts.dtype


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    path = tmp_path_factory.mktemp("stored") / "fit.npz"
    write_model(model(genes=40), path)
    return path


def test_the_same_model_gives_the_same_bytes_at_any_time(stored, tmp_path):
    again = tmp_path / "other.npz"
    # Times in archives count by two seconds.
    time.sleep(2.1)
    write_model(read_model(stored), again)
    assert again.read_bytes() == stored.read_bytes()


def test_names_are_kept_whatever_they_are(tmp_path):
    counts, samples, _ = simulate(EXPERIMENTS["three_groups"], 40, seed=3)
    names = dict(zip(counts.index, ["NA", "1", 'ü"\\ß'], strict=False))
    counts, samples = counts.rename(index=names), samples.rename(index={samples.index[0]: "01"})
    counts.columns = samples.index
    write_model(fitting.fit(counts, samples, "~ treatment", "dmso"), tmp_path / "fit.npz")
    again = read_model(tmp_path / "fit.npz")
    assert again.gene_order == counts.index.tolist()
    assert again.sample_order == counts.columns.tolist()


def test_two_hundred_samples_are_less_than_forty_megabytes(tmp_path):
    """Per count, for a model of 201 samples and 22,000 genes, a tenth of which are used here."""
    counts, samples, _ = simulate(EXPERIMENTS["sixty_samples"], 2200, seed=3)
    fit = fitting.fit(counts, samples, "~ treatment", "dmso")
    write_model(fit, tmp_path / "fit.npz")
    share = counts.size / (201 * 22_000)
    assert (tmp_path / "fit.npz").stat().st_size < 40e6 * share


READER = """
import sys
from imid.differential import compute_contrast, deseq
from imid.differential.stored_model import read_model
from imid.evidence import compare_drugs, evaluate_targets
fit = read_model(sys.argv[1])
contrast = ("treatment", "lenalidomide", "dmso")
deseq.contrast(fit, contrast, 0.05), deseq.shrink(fit, contrast)
print([name for name in ("pydeseq2", "anndata", "sklearn", "matplotlib") if name in sys.modules])
"""


def test_steps_that_read_a_model_import_nothing_that_fits_one(stored):
    command = [sys.executable, "-c", READER, str(stored)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    assert told.stdout.strip() == "[]"


def test_steps_that_test_and_judge_import_no_distributions():
    """`scipy.special` has the functions behind them, and takes 0.4 CPU s less to import."""
    steps = [
        *("differential.compute_contrast", "evidence.evaluate_targets", "evidence.enrich"),
        *("evidence.score_activities", "evidence.judge_experiment", "evidence.compare_drugs"),
        "evidence.compare_cell_lines",
    ]
    code = f"import sys, {', '.join(f'imid.{step}' for step in steps)}"
    command = [sys.executable, "-c", f"{code}; print('scipy.stats' in sys.modules)"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    assert told.stdout.strip() == "False"


# Files that are something else


class Trap:
    """What a pickle may hold: a call, made as it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.mkdir, (str(self.path),))


def told_of(path):
    with pytest.raises(InputError) as error:
        read_model(path)
    (problem,) = error.value.problems
    assert problem.startswith(f"{path}: ")
    assert "\n" not in problem
    return problem


@pytest.mark.parametrize("form", ["pickle", "array", "about"])
def test_nothing_in_the_file_is_run(form, stored, tmp_path):
    trap, path = tmp_path / "sprung", tmp_path / "fit.npz"
    if form == "pickle":
        path.write_bytes(pickle.dumps(Trap(trap)))
    else:
        arrays = dict(np.load(stored))
        arrays["about" if form == "about" else "basis"] = np.array([Trap(trap)], dtype=object)
        np.savez(path, **arrays)
    assert "no fitted model of this workflow" in told_of(path)
    assert not trap.exists()


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"gene_id\tfit\n", b"\x93NUMPY\x01\x00", b"\x89HDF\r\n\x1a\n"]
)
def test_a_foreign_file_is_told(content, tmp_path):
    (tmp_path / "fit.npz").write_bytes(content)
    assert "is no fitted model" in told_of(tmp_path / "fit.npz")


def test_a_file_that_is_not_there_is_told(tmp_path):
    assert "no such file" in told_of(tmp_path / "fit.npz")


def altered(stored, path, **changes):
    """Write a stored model with some of its arrays, or parts of its text, changed."""
    arrays = dict(np.load(stored))
    about = json.loads(arrays["about"].tobytes())
    for name, change in changes.items():
        if name in about:
            about[name] = change(about[name])
        elif change is None:
            del arrays[name]
        else:
            arrays[name] = change(arrays[name])
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"form": lambda form: "imid-rnaseq fitted model 0"}, "fitted model 0"),
        ({"counts": lambda counts: counts[:, 1:]}, "counts has the shape"),
        ({"basis": None}, "basis"),
        ({"genes": lambda genes: genes[1:]}, "has the shape"),
        ({"samples": lambda samples: samples[1:]}, "length"),
        ({"trend": lambda trend: {"kind": "parametric"}}, "numbers"),
        ({"gene_order": lambda genes: ["other", *genes[1:]]}, "gene_order"),
        ({"sample_order": lambda samples: samples[1:]}, "sample_order"),
        ({"size_factors": lambda factors: factors.astype(str)}, "size_factors"),
        ({"factors": lambda factors: {"treatment": {"levels": ["a"], "codes": [7] * 9}}}, "codes"),
        ({"factors": lambda factors: []}, ""),
    ],
)
def test_parts_that_do_not_belong_together_are_told(changes, words, stored, tmp_path):
    told = told_of(altered(stored, tmp_path / "fit.npz", **changes))
    assert "is no fitted model" in told
    assert words in told


def members(path):
    """Where in an archive each member's data lie; the rest is what zip itself writes of them."""
    with zipfile.ZipFile(path) as archive:
        sizes = {info.filename: info.compress_size for info in archive.infolist()}
        for info in archive.infolist():
            with archive.open(info) as member:
                start = member._orig_compress_start
            # The last byte ends the compressed data; some of its bits may mean nothing.
            yield from range(start, start + sizes[info.filename] - 1)


def test_a_damaged_file_is_told_and_never_read_as_other_numbers(stored, tmp_path):
    """Cut anywhere, or with a byte changed anywhere."""
    whole, path, data = stored.read_bytes(), tmp_path / "fit.npz", set(members(stored))
    expected = everything(read_model(stored))
    for cut in range(0, len(whole), len(whole) // 40):
        path.write_bytes(whole[:cut])
        told_of(path)
    for place in range(0, len(whole), len(whole) // 400):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            fit = read_model(path)
        except InputError:
            continue
        # No reader looks at everything that zip writes, such as times.
        assert place not in data
        assert deseq.dispersions(fit).equals(expected["dispersions"])
        assert deseq.coefficients(fit, PAIR).to_frame().equals(expected["weights"])
