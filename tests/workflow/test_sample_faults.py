"""Faults planted in libraries: each measured as it was made, each named, no sound sample flagged.

A figure that is not there fails its row. What a further step measures is a further row of `FOUND`.
"""

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd
import pytest

from faulty_experiment import FAULTS, SOUND, make_faulty
from imid.shared.agreement_words import ODD
from imid.shared.tables import read_table
from running import completed, snakemake

pytestmark = pytest.mark.workflow

# What a share may differ by: errors of the sequencer, and what the aligner cannot place.
POINTS = 0.02
PASS, WARN, FAIL = "pass", "warn", "fail"


class Truth(NamedTuple):
    """What was made, as the experiment's truth tells it."""

    faults: pd.DataFrame
    samples: pd.DataFrame
    counts: pd.DataFrame
    genes: pd.DataFrame


Made = Callable[[Truth, str], float]


def of_fragments(fault: str) -> Made:
    """The share of all fragments in which a fault shows."""
    return lambda truth, sample: truth.faults.loc[(sample, fault), "share"]


def of_genes(kind: str) -> Made:
    """The share of a class of genes in the fragments of genes."""

    def share(truth: Truth, sample: str) -> float:
        counts = truth.counts[sample]
        return counts[truth.genes["kind"] == kind].sum() / counts.sum()

    return share


def of_genome(part: str) -> Made:
    """The share of a part of the genome in the fragments that are of it."""

    def share(truth: Truth, sample: str) -> float:
        row = truth.samples.loc[sample]
        return row[part] / row[["genic", "intronic", "intergenic"]].sum()

    return share


def on_the_right_strand(truth: Truth, sample: str) -> float:
    """The share of transcripts' fragments that are on the strand of the other samples'."""
    row = truth.samples.loc[sample]
    flipped = truth.faults.loc[(sample, "wrong_strand"), "share"] * row["fragments"]
    return 1 - flipped / row["genic"]


def number(truth: Truth, sample: str) -> float:
    """The fragments."""
    return truth.samples.loc[sample, "fragments"]


def certain(truth: Truth, sample: str) -> float:
    """What is so or is not."""
    return 1.0


# Sample, figure, verdict, and how large the figure was made, where it has a truth of its own.
FOUND: list[tuple[str, str, str, Made | None]] = [
    ("MM1S_dmso_2", "duplicates", WARN, of_fragments("duplicates")),
    ("MM1S_lenalidomide_2", "rrna", FAIL, of_genes("rRNA")),
    ("U266_lenalidomide_2", "immunoglobulin", WARN, of_genes("immunoglobulin")),
    ("U266_dmso_2", "three_to_five_prime", FAIL, None),
    ("U266_dmso_3", "adapter_dimers", FAIL, of_fragments("adapter_dimers")),
    ("MM1S_pomalidomide_2", "contaminant_mycoplasma", FAIL, of_fragments("mycoplasma")),
    ("U266_lenalidomide_3", "pairs", FAIL, number),
    ("U266_pomalidomide_2", "intronic", WARN, of_genome("intronic")),
    ("U266_pomalidomide_2", "intergenic", FAIL, of_genome("intergenic")),
    ("U266_pomalidomide_3", "strandedness", FAIL, on_the_right_strand),
    ("MM1S_pomalidomide_1", "of_another_line", FAIL, certain),
    ("U266_pomalidomide_1", "of_another_line", FAIL, certain),
    ("MM1S_lenalidomide_1", "shared_fragments", FAIL, None),
    ("MM1S_lenalidomide_3", "shared_fragments", FAIL, None),
]
# What else a fault shows in. Whatever is flagged and is neither here nor above is a false alarm.
CONSEQUENCES = {
    # Of two alleles in few molecules one is often lost.
    "duplicates": {"duplicates_at_low_expression", "own_line_concordance"},
    "rRNA": {"top_1"},
    "immunoglobulin": {"top_1"},
    "genomic_dna": {"exonic", "assigned", "no_feature"},
    # What is left is of genes that lie on the other strand of others.
    "wrong_strand": {"assigned", "no_feature", "top_1", "top_10"},
    "swapped": {"own_line_concordance"},
}
# Treatments that have changed places: nothing is wrong with the libraries.
SWAPPED_TREATMENTS = {"MM1S_dmso_3": "pomalidomide", "MM1S_pomalidomide_3": "dmso"}
# U266 has none: a library of the other strand is refused before its line's counts are joined.
LINE = "results/cell_lines/MM1S"


@pytest.fixture(scope="module")
def faulty_run(tmp_path_factory):
    experiment = make_faulty(tmp_path_factory.mktemp("faults") / "experiment")
    completed(snakemake(experiment, "results/qc/samples.tsv", f"{LINE}/sample_agreement.tsv"))
    return experiment


@pytest.fixture(scope="module")
def truth(faulty_run):
    folder = faulty_run / "truth"
    return Truth(
        read_table(folder / "faults.tsv").set_index(["sample", "fault"]),
        read_table(folder / "samples.tsv", index="sample"),
        read_table(folder / "counts.tsv", index="gene_id").drop(columns="gene_name"),
        read_table(folder / "genes.tsv", index="gene_id"),
    )


@pytest.fixture(scope="module")
def figures(faulty_run):
    table = read_table(faulty_run / "results/qc/samples.tsv")
    return table.set_index(["sample", "figure"], verify_integrity=True)


def flagged(figures, sample):
    """The figures of a sample that its bounds do not let pass."""
    told = figures.loc[sample, "verdict"]
    return set(told.index[told.isin([WARN, FAIL])])


@pytest.mark.parametrize(
    ("sample", "figure", "verdict", "made"), FOUND, ids=["-".join(row[:2]) for row in FOUND]
)
def test_a_planted_fault_is_found(sample, figure, verdict, made, figures, truth):
    found = figures.loc[(sample, figure)]
    assert found["verdict"] == verdict
    if made is not None:
        expected = made(truth, sample)
        exactly = made in (number, certain)
        assert found["value"] == pytest.approx(expected, abs=0 if exactly else POINTS)


@pytest.mark.parametrize("figure", sorted({row[1] for row in FOUND}))
def test_a_fault_is_found_in_no_other_sample(figure, figures):
    told = figures.xs(figure, level="figure")["verdict"]
    named = set(told.index[told.isin([WARN, FAIL])])
    assert named == {row[0] for row in FOUND if row[1] == figure}


@pytest.mark.parametrize("sample", SOUND)
def test_a_sound_sample_is_not_flagged(sample, figures):
    # One library twice is told of both, and either may be the one that is right.
    told = {row[1] for row in FOUND if row[0] == sample}
    assert flagged(figures, sample) == told


def test_shares_of_sound_samples_are_those_that_were_made(figures, truth):
    for sample in SOUND:
        for _, figure, _, made in FOUND:
            if made not in (None, number, certain):
                value = figures.loc[(sample, figure), "value"]
                assert value == pytest.approx(made(truth, sample), abs=POINTS), (sample, figure)


@pytest.mark.parametrize("sample", sorted(set(FAULTS) - set(SOUND)))
def test_a_fault_is_taken_for_no_other_one(sample, figures):
    told = {row[1] for row in FOUND if row[0] == sample}
    kinds = {fault["kind"] for fault in FAULTS[sample]}
    consequences = set().union(*(CONSEQUENCES.get(kind, set()) for kind in kinds))
    assert flagged(figures, sample) <= told | consequences
    assert told or sample in SWAPPED_TREATMENTS


def test_treatments_that_changed_places_are_named_with_each_other_and_nobody_else(faulty_run):
    table = read_table(faulty_run / LINE / "sample_agreement.tsv").set_index("sample")
    called = table.loc[table["called"].isin(ODD), "called"]
    assert called.to_dict() == dict.fromkeys(SWAPPED_TREATMENTS, "swapped")
    warnings = read_table(faulty_run / LINE / "warnings/agreement.tsv")["warning"].tolist()
    for (sample, there), warning in zip(SWAPPED_TREATMENTS.items(), warnings, strict=True):
        (other,) = SWAPPED_TREATMENTS.keys() - {sample}
        words = table.loc[sample, "words"]
        assert words.startswith(f"swapped with {other}: it sits with MM1S {there} ")
        assert table.loc[sample, "nearest_group"].startswith(f"MM1S {there} ")
        assert warning.startswith(f"sample {sample} of ")
        assert words in warning


@pytest.mark.parametrize(
    ("sample", "told"),
    [
        ("MM1S_pomalidomide_1", "sits with U266, not with MM1S"),
        ("U266_pomalidomide_1", "sits with MM1S, not with U266"),
        ("MM1S_lenalidomide_1", "(with MM1S_lenalidomide_3 of MM1S)"),
        ("MM1S_lenalidomide_3", "(with MM1S_lenalidomide_1 of MM1S)"),
    ],
)
def test_the_run_is_told_whose_library_it_is(sample, told, faulty_run):
    warnings = read_table(faulty_run / "results/qc/warnings.tsv")["warning"]
    (warning,) = warnings[warnings.str.startswith(f"sample {sample} ")]
    assert told in warning
