"""A fitted model in a file: arrays as numpy stores them, and a text that says what they are.

The file is an .npz archive, which any numpy reads: numbers in arrays of their own, and all that
is text in one more, ``about``, which holds JSON as bytes. Reading it runs nothing that is in it.
The same model gives the same bytes.
"""

import json
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd

from imid.differential.fitted_model import FittedModel
from imid.inference.trend_curve import Trend
from imid.shared.files import written
from imid.shared.problems import InputError

FORM = "imid-rnaseq fitted model 2"
WORDS = [
    *("design", "by", "inference", "size_factor_type", "prior_variance"),
    *("gene_order", "sample_order"),
]
ESTIMATES = ["base_mean", "gene_wise", "fitted", "map", "final"]
FLAGS = ["outlier", "replaced", "emptied"]
# What numpy, zipfile and json say of a file that is cut, changed or of something else.
UNREADABLE = (
    *(ValueError, KeyError, TypeError, AttributeError, IndexError, EOFError, OSError),
    *(RuntimeError, NotImplementedError, MemoryError, zipfile.BadZipFile, zlib.error),
)


def write_model(fit: FittedModel, path: str | Path) -> None:
    """Write a fitted model, whole or not at all.

    Parameters
    ----------
    fit : FittedModel
    path : str or Path
        Ends in .npz.
    """
    about = {
        "form": FORM,
        **{name: getattr(fit, name) for name in WORDS},
        "genes": list(fit.genes.index),
        "samples": list(fit.factors.index),
        "factors": {name: _described(column) for name, column in fit.factors.items()},
        # As text, for some of its columns are whole numbers and others are not.
        "design_matrix": {name: column.tolist() for name, column in fit.design_matrix.items()},
        "trend": fit.trend._asdict(),
    }
    arrays = {
        "about": np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), np.uint8),
        "counts": _narrow(fit.counts),
        "size_factors": fit.size_factors.to_numpy(),
        "coefficients": fit.coefficients.to_numpy(),
        "basis": fit.basis,
        **{name: fit.genes[name].to_numpy() for name in [*ESTIMATES, *FLAGS]},
    }
    with written(path) as temporary:
        # numpy gives all members of the archive one time, that of no clock.
        np.savez_compressed(temporary, allow_pickle=False, **arrays)


def _narrow(counts: np.ndarray) -> np.ndarray:
    """Store counts in the narrowest integers that hold them."""
    return counts.astype(np.min_scalar_type(counts.max(initial=0)))


def _described(column: pd.Series) -> dict:
    """Write a factor as its levels and the number of each sample's; a slope as its values."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return {"levels": list(column.cat.categories), "codes": column.cat.codes.tolist()}
    return {"values": column.tolist()}


def read_model(path: str | Path) -> FittedModel:
    """Read a fitted model.

    Parameters
    ----------
    path : str or Path
        As written by `write_model`.

    Returns
    -------
    FittedModel

    Raises
    ------
    InputError
        The file is missing, damaged, or something else.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        return _assembled(arrays)
    except FileNotFoundError as error:
        raise InputError([f"{path}: there is no such file"]) from error
    except UNREADABLE as error:
        raise InputError(
            [
                f"{path}: is no fitted model of this workflow, or a damaged one"
                f" ({type(error).__name__}: {error}); delete it, and the next run fits it anew"
            ]
        ) from error


def _assembled(arrays: dict[str, np.ndarray]) -> FittedModel:
    about = json.loads(arrays["about"].tobytes())
    if about["form"] != FORM:
        raise ValueError(f"it is {about['form']!r} rather than {FORM!r}")
    samples = pd.Index(about["samples"], name="sample", dtype=object)
    genes = pd.Index(about["genes"], name="gene_id", dtype=object)
    design_matrix = pd.DataFrame(about["design_matrix"], index=samples)
    _check_arrays(arrays, len(genes), *design_matrix.shape)
    for order, names in [("gene_order", genes), ("sample_order", samples)]:
        if sorted(about[order]) != sorted(names):
            raise ValueError(f"{order} has other names than the model")
    factors = {name: _restored(column) for name, column in about["factors"].items()}
    return FittedModel(
        **{name: about[name] for name in WORDS},
        trend=Trend(**about["trend"]),
        factors=pd.DataFrame(factors, index=samples),
        size_factors=pd.Series(arrays["size_factors"], index=samples, name="size_factors"),
        counts=arrays["counts"].astype(np.int64),
        genes=pd.DataFrame({name: arrays[name] for name in [*ESTIMATES, *FLAGS]}, index=genes),
        design_matrix=design_matrix,
        coefficients=pd.DataFrame(
            arrays["coefficients"], index=genes, columns=design_matrix.columns
        ),
        basis=arrays["basis"],
    )


def _check_arrays(arrays: dict[str, np.ndarray], genes: int, samples: int, columns: int) -> None:
    """Make sure that every array is of numbers, and none of another model."""
    shapes = {
        "counts": (samples, genes),
        "size_factors": (samples,),
        "coefficients": (genes, columns),
        "basis": (columns, columns),
        **dict.fromkeys([*ESTIMATES, *FLAGS], (genes,)),
    }
    for name, shape in shapes.items():
        kinds = "iu" if name == "counts" else "b" if name in FLAGS else "f"
        if arrays[name].dtype.kind not in kinds:
            raise ValueError(f"{name} is of type {arrays[name].dtype}")
        if arrays[name].shape != shape:
            raise ValueError(f"{name} has the shape {arrays[name].shape} rather than {shape}")


def _restored(column: dict) -> pd.Categorical | list[float]:
    if "values" in column:
        return column["values"]
    return pd.Categorical.from_codes(column["codes"], column["levels"])
