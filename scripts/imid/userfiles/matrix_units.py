"""Numbers in place of counts: TPM, FPKM, logarithms, normalized counts, copies."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from imid.shared.problems import place
from imid.userfiles.scaled_counts import RAW, scaled_findings

MILLION = 1e6
LARGEST_LOGARITHM = 30
# Columns whose sums differ by less were scaled to one sum; libraries differ by per cents.
SAME_SUM, NEARLY_SAME_SUM = 5e-4, 0.05
# Of estimated counts many are whole, and few below one; FPKM sum to less than a million, as the
# mean transcript has more than 1,000 bases.
FEW_WHOLE, MANY_BELOW_ONE, SUM_OF_FPKM, FEWEST_PRESENT = 0.02, 0.25, 1.01e6, 20
# Normalized counts are multiples of one number, which is seen in the smallest of them.
SMALL_VALUES, FEWEST_MULTIPLES, MOST_PARTS = 60, 12, 200
# Median-of-ratios factors of libraries differ by per cents; after normalization all are one.
SAME_FACTOR, NEARLY_SAME_FACTOR = 5e-4, 1e-2
# Raw counts of whole transcriptomes are millions a sample; rounded FPKM are not.
WHOLE_TRANSCRIPTOME, SHALLOW = 5000, 500_000
# Counts of replicates, from this size on, agree in a few genes of a hundred.
LARGE_COUNT, FEWEST_LARGE, COPY_SHARE = 50, 20, 0.5
# Genes that are compared between each two of many samples.
COMPARED = 2000


def unit_findings(values: pd.DataFrame, name: str) -> tuple[list[str], list[str]]:
    """Recognise what is no count by the numbers of all samples.

    Parameters
    ----------
    values : DataFrame
        Genes × samples, numbers of at least 0.
    name : str
        What messages call the matrix.

    Returns
    -------
    tuple of list of str and list of str
        Problems and warnings.
    """
    values = values.loc[:, (values > 0).any()]
    if values.empty:
        return [f"{name}: all counts are 0"], []
    fractions = bool((values % 1).to_numpy().any())
    problems = list(_fractional(values, name) if fractions else _whole(values, name))
    problems = problems or list(_scaled(values, name)) or list(_normalized(values, name, fractions))
    problems += _copied_columns(values, name)
    if fractions or problems:
        rounded = f"{name}: has fractions, as estimated counts do; they are rounded"
        return problems, [] if problems else [rounded]
    problems, warnings = scaled_findings(values, name)
    return problems, warnings or ([] if problems else list(_doubts(values, name)))


def _fractional(values: pd.DataFrame, name: str) -> Iterator[str]:
    for sample, column in values.items():
        where, present = place(name, column=sample), column[column > 0]
        whole, below_one = (present % 1 == 0).mean(), (present < 1).mean()
        if abs(column.sum() - MILLION) < 0.01 * MILLION:
            yield f"{where}: sums to a million, as TPM and CPM do; {RAW}"
        elif column.max() < LARGEST_LOGARITHM:
            yield (
                f"{where}: has fractions and no value above {LARGEST_LOGARITHM}, as logarithms"
                f" do; {RAW}"
            )
        elif step := _common_step(present.to_numpy()):
            yield (
                f"{where}: holds multiples of {step:.4g}, as normalized counts and CPM do; {RAW}"
            )
        elif (
            len(present) >= FEWEST_PRESENT
            and whole < FEW_WHOLE
            and (below_one > MANY_BELOW_ONE or column.sum() < SUM_OF_FPKM)
        ):
            yield (
                f"{where}: {whole:.0%} of the values above 0 are whole, and they sum to"
                f" {column.sum():,.0f}, as FPKM, TPM and normalized counts do; {RAW}"
            )


def _common_step(present: np.ndarray) -> float | None:
    """Give the number that all small values are multiples of, if it is no fraction of one.

    The smallest value is a few times that number. Values lie on a grid of their last decimal as
    well, so that only multiples are looked at which that cannot make.
    """
    small = np.unique(present)[:SMALL_VALUES]
    grid = next((10.0**-d for d in range(5) if np.allclose(small, small.round(d), 1e-9)), 1e-6)
    for part in range(1, MOST_PARTS + 1):
        step = small[0] / part
        multiples = small[small < 0.2 * step / grid * step] / step
        whole = np.round(multiples)
        near = np.abs(multiples - whole) < 0.1
        if near.all() and len(np.unique(whole)) >= FEWEST_MULTIPLES:
            return None if abs(1 / step - round(1 / step)) < 0.005 else step
    return None


def _whole(values: pd.DataFrame, name: str) -> Iterator[str]:
    sums = values.sum()
    if len(sums) > 1 and ((sums - MILLION).abs() < 0.01 * MILLION).all():
        yield f"{name}: every sample sums to a million, as rounded TPM and CPM do; {RAW}"
    elif values.to_numpy().max() < LARGEST_LOGARITHM:
        yield (
            f"{name}: no value is above {LARGEST_LOGARITHM} in any sample, as of rounded"
            f" logarithms; {RAW}"
        )


def _scaled(values: pd.DataFrame, name: str) -> Iterator[str]:
    sums = values.sum()
    if len(sums) > 2 and sums.max() - sums.min() <= SAME_SUM * sums.mean():
        yield (
            f"{name}: every sample sums to {sums.mean():,.0f}, so they were scaled to that, or"
            f" drawn from more; {RAW}"
        )


def _copied_columns(values: pd.DataFrame, name: str) -> Iterator[str]:
    """Find samples that are, gene by gene, another one."""
    compared = values.loc[values.sum(axis=1).nlargest(COMPARED).index].to_numpy().T
    samples = list(values.columns)
    if len(values) < FEWEST_LARGE:
        return
    for second in range(1, len(samples)):
        large = np.maximum(compared[:second], compared[second]) >= LARGE_COUNT
        equal = (compared[:second] == compared[second]) & large
        shares = equal.sum(axis=1) / np.maximum(large.sum(axis=1), 1)
        whole = (values.to_numpy().T[:second] == values.iloc[:, second].to_numpy()).all(axis=1)
        for first in range(second):
            if whole[first]:
                said = "the same count for every gene"
            elif large[first].sum() >= FEWEST_LARGE and shares[first] > COPY_SHARE:
                said = (
                    f"the same count for {shares[first]:.0%} of the {large[first].sum()} genes"
                    f" compared"
                )
            else:
                continue
            yield (
                f"{name}: columns {samples[first]} and {samples[second]} have {said}, so one is"
                " a copy of the other; give each its own counts, or exclude one"
            )


def _doubts(values: pd.DataFrame, name: str) -> Iterator[str]:
    sums = values.sum()
    if len(values) >= WHOLE_TRANSCRIPTOME and sums.max() < SHALLOW:
        yield (
            f"{name}: no sample has more than {sums.max():,.0f} counts over {len(values):,} genes,"
            " where sequencing gives millions; make sure that these are no rounded FPKM"
        )
    range_of_sums = (sums.max() - sums.min()) / sums.mean()
    spread = _spread_of_factors(values)
    if spread < NEARLY_SAME_FACTOR or (len(sums) > 3 and range_of_sums < NEARLY_SAME_SUM):
        yield (
            f"{name}: the samples' sums differ by {range_of_sums:.1%} at most, where those of"
            " libraries differ more; make sure that these are raw counts, not rounded FPKM or"
            " normalized counts"
        )


def _normalized(values: pd.DataFrame, name: str, fractions: bool) -> Iterator[str]:
    if _spread_of_factors(values) < (NEARLY_SAME_FACTOR if fractions else SAME_FACTOR):
        yield (
            f"{name}: all samples have the same depth (size factors by the median of ratios), as"
            f" normalized counts do; {RAW}"
        )


def _spread_of_factors(values: pd.DataFrame) -> float:
    """Give by how much the samples' factors, as medians of ratios, differ from their mean."""
    everywhere = values[(values > 0).all(axis=1)]
    if len(everywhere) < FEWEST_LARGE or values.shape[1] < 3:
        return np.inf
    logs = np.log(everywhere.to_numpy())
    factors = np.median(logs - logs.mean(axis=1, keepdims=True), axis=0)
    return float(np.abs(factors - factors.mean()).max())
