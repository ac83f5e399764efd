"""Faults of libraries, planted in chosen samples of the synthetic experiment.

The plan's ``faults`` lists, by sample, what is wrong with its library: each with its ``kind``, and
the ``share`` of the fragments that it concerns, or the ``other`` sample whose library it is.
Faults have streams of randomness of their own: a sample without any has the same reads as in a
plan without faults.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from imid.shared.problems import did_you_mean
from imid.synthetic.synthetic_library import cut_fragments

# Fragments of degraded RNA lie within so many bases of their transcript's 3' end.
THREE_PRIME_BASES = 300
CLASSES = ("rRNA", "mitochondrial", "immunoglobulin", "haemoglobin")
# Two samples have changed places, or one library was sequenced twice.
WHOLE = SWAPPED, SAME_LIBRARY = "swapped", "same_library"


class Preparation(NamedTuple):
    """What a library is made of.

    Attributes
    ----------
    templates : DataFrame
        As in `Transcriptome`.
    sizes : dict of str to float
        mean, sd, min and max of the fragment lengths, in bases.
    """

    templates: pd.DataFrame
    sizes: dict[str, float]


def choose(rng: np.random.Generator, number: int, share: float) -> np.ndarray:
    """Choose a share of so many fragments, in random order."""
    return rng.permutation(number)[: round(share * number)]


def shuffled(rng: np.random.Generator, *fragments: pd.DataFrame) -> pd.DataFrame:
    """Put fragments together in random order."""
    together = pd.concat(fragments, ignore_index=True)
    return together.iloc[rng.permutation(len(together))].reset_index(drop=True)


def replaced(
    rng: np.random.Generator,
    fragments: pd.DataFrame,
    share: float,
    preparation: Preparation,
    weights: pd.Series,
    *,
    both_strands: bool = False,
) -> pd.DataFrame:
    """Put fragments of other templates, drawn by weight, in the place of a share of all."""
    rows = choose(rng, len(fragments), share)
    template = rng.choice(len(weights), rows.size, p=weights / weights.sum())
    drawn = cut_fragments(rng, preparation.templates, template, preparation.sizes)
    drawn["flipped"] = both_strands & (rng.random(len(drawn)) < 0.5)
    return shuffled(rng, fragments.drop(index=rows), drawn)


def express_class(
    rng: np.random.Generator,
    fragments: pd.DataFrame,
    share: float,
    preparation: Preparation,
    gene_class: str,
) -> pd.DataFrame:
    """Let the genes of one class have a share of the library."""
    templates = preparation.templates
    weights = templates["weight"].where(templates["gene_class"] == gene_class, 0.0)
    return replaced(rng, fragments, share, preparation, weights)


def add_foreign(
    rng: np.random.Generator,
    fragments: pd.DataFrame,
    share: float,
    preparation: Preparation,
    kind: str,
) -> pd.DataFrame:
    """Mix in fragments of what is not of the genome: of another one, or adapters alone."""
    weights = (preparation.templates["kind"] == kind).astype(float)
    return replaced(rng, fragments, share, preparation, weights, both_strands=True)


def leave_dna(
    rng: np.random.Generator, fragments: pd.DataFrame, share: float, preparation: Preparation
) -> pd.DataFrame:
    """Mix in genomic DNA: of introns and between genes, by their bases, of both strands.

    None comes from exons, so that the true counts stay those of RNA.
    """
    templates = preparation.templates
    # Each stretch between genes is there twice, once for each strand.
    weights = templates["kind"].map({"intron": 1.0, "gap": 0.5}).fillna(0.0) * templates["length"]
    return replaced(rng, fragments, share, preparation, weights, both_strands=True)


def degrade(
    rng: np.random.Generator, fragments: pd.DataFrame, share: float, preparation: Preparation
) -> pd.DataFrame:
    """Move a share of the transcripts' fragments to the 3' end, and cut them to fit there."""
    origin = preparation.templates.iloc[fragments["template"]].reset_index(drop=True)
    genic = np.flatnonzero(origin["kind"] == "transcript")
    rows = genic[choose(rng, genic.size, share)]
    moved, origin = fragments.iloc[rows], origin.iloc[rows]
    reach = np.minimum(origin["length"], THREE_PRIME_BASES)
    length = np.minimum(moved["length"], reach)
    first = origin["offset"] + origin["length"] - reach
    moved = moved.assign(start=first + rng.integers(0, reach - length + 1), length=length)
    return shuffled(rng, fragments.drop(index=rows), moved)


def duplicate(
    rng: np.random.Generator, fragments: pd.DataFrame, share: float, preparation: Preparation
) -> pd.DataFrame:
    """Let a share of the library be further copies of the rest, as PCR makes them."""
    unique = fragments.drop(index=choose(rng, len(fragments), share))
    copies = rng.integers(0, len(unique), len(fragments) - len(unique))
    return shuffled(rng, unique, unique.iloc[copies])


def lose_depth(
    rng: np.random.Generator, fragments: pd.DataFrame, share: float, preparation: Preparation
) -> pd.DataFrame:
    """Keep only a share of the library."""
    return fragments.iloc[choose(rng, len(fragments), share)].reset_index(drop=True)


def turn_strand(
    rng: np.random.Generator, fragments: pd.DataFrame, share: float, preparation: Preparation
) -> pd.DataFrame:
    """Read a share of the fragments from the other strand."""
    turned = np.zeros(len(fragments), dtype=bool)
    turned[choose(rng, len(fragments), share)] = True
    return fragments.assign(flipped=fragments["flipped"] ^ turned)


PLANTED: dict[str, Callable[..., pd.DataFrame]] = {
    **{name: partial(express_class, gene_class=name) for name in CLASSES},
    "mycoplasma": partial(add_foreign, kind="mycoplasma"),
    "adapter_dimers": partial(add_foreign, kind="dimer"),
    "genomic_dna": leave_dna,
    "degraded": degrade,
    "duplicates": duplicate,
    "depth": lose_depth,
    "wrong_strand": turn_strand,
}


def plant_faults(
    rng: np.random.Generator,
    fragments: pd.DataFrame,
    faults: Iterable[dict],
    preparation: Preparation,
) -> pd.DataFrame:
    """Plant faults in a library, one after the other.

    Parameters
    ----------
    rng : Generator
        A source of randomness that nothing else draws from.
    fragments : DataFrame
        As in `Library`.
    faults : iterable of dict
        kind and share of each. Another sample's library (`source`) is only put in another order,
        for it is sequenced again.
    preparation : Preparation
        What the library is made of.

    Returns
    -------
    DataFrame
        As in `Library`.
    """
    for fault in faults:
        if fault["kind"] in WHOLE:
            fragments = shuffled(rng, fragments)
        else:
            plant = PLANTED[fault["kind"]]
            fragments = plant(rng, fragments, fault["share"], preparation)
    return fragments


def fault_shares(fragments: pd.DataFrame, templates: pd.DataFrame) -> dict[str, float]:
    """Tell in which share of a library's fragments each fault shows, planted or not.

    Parameters
    ----------
    fragments, templates : DataFrame
        As in `Library` and `Transcriptome`.

    Returns
    -------
    dict of str to float
        Of all fragments those of each class, of mycoplasma, of adapters alone, of introns and
        between genes (pre-mRNA among them), within reach of a transcript's 3' end, with the ends
        of an earlier one, and of transcripts but from the other strand.
    """
    origin = templates.iloc[fragments["template"]].reset_index(drop=True)
    kind = origin["kind"]
    left = origin["offset"] + origin["length"] - fragments["start"]
    shows = {
        **{name: origin["gene_class"] == name for name in CLASSES},
        "mycoplasma": kind == "mycoplasma",
        "adapter_dimers": kind == "dimer",
        "genomic_dna": kind.isin(["intron", "gap"]),
        "degraded": (kind == "transcript") & (left <= THREE_PRIME_BASES),
        "duplicates": fragments.duplicated() & (kind != "dimer"),
        "wrong_strand": fragments["flipped"] & (kind == "transcript"),
    }
    return {name: float(rows.mean()) for name, rows in shows.items()}


def mutual(faults: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """List every swap for both samples, where the plan names it for one."""
    found = {sample: list(planted) for sample, planted in faults.items()}
    for sample, planted in faults.items():
        for fault in planted:
            if fault["kind"] == SWAPPED:
                mirrored = {"kind": SWAPPED, "other": sample}
                others = found.setdefault(fault["other"], [])
                others += [] if mirrored in others else [mirrored]
    return found


def source(sample: str, faults: Iterable[dict]) -> str:
    """Tell whose library a sample with these faults really is; mostly its own."""
    return next((fault["other"] for fault in faults if fault["kind"] in WHOLE), sample)


def tabulate_faults(
    faults: dict[str, list[dict]], shares: dict[str, dict[str, float]]
) -> pd.DataFrame:
    """Tabulate what was planted, and what each library really has.

    Parameters
    ----------
    faults : dict of str to list of dict
        By sample, as `mutual` returns them.
    shares : dict of str to dict
        By sample, as `fault_shares` returns them.

    Returns
    -------
    DataFrame
        sample, fault, planted (the share asked for, 0 where none was), share (of the fragments
        that were made; empty where it is of no fragment), other (the sample whose library it is).
    """
    rows = []
    for sample, found in shares.items():
        planted = {fault["kind"]: fault for fault in faults.get(sample, [])}
        for name in dict.fromkeys([*found, *planted]):
            fault = planted.get(name, {"share": 0.0})
            whole = 1.0 if "other" in fault else fault["share"]
            rows.append((sample, name, whole, found.get(name), fault.get("other", "")))
    return pd.DataFrame(rows, columns=["sample", "fault", "planted", "share", "other"])


def fault_problems(faults: dict[str, list[dict]], samples: list[str]) -> list[str]:
    """Say what is wrong with the faults of a plan."""
    problems = []
    for sample, planted in faults.items():
        if sample not in samples:
            problems.append(f"faults: no sample {sample}{did_you_mean(sample, samples)}")
        for fault in planted:
            problems += [f"faults of {sample}: {problem}" for problem in wrong(fault, samples)]
    return problems


def wrong(fault: dict, samples: list[str]) -> list[str]:
    """Say what is wrong with one fault: its kind, its share, or the other sample."""
    kind, share, other = (fault.get(key) for key in ("kind", "share", "other"))
    kinds = [*PLANTED, *WHOLE]
    if kind not in kinds:
        return [f"no kind of fault {kind}{did_you_mean(str(kind), kinds)}"]
    if kind in PLANTED:
        fits = isinstance(share, int | float) and 0 <= share <= 1
        return [] if fits else [f"{kind}: the share is {share}, not from 0 to 1"]
    return (
        []
        if other in samples
        else [f"{kind}: no sample {other}{did_you_mean(str(other), samples)}"]
    )
