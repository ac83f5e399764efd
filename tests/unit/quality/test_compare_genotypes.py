import json

import numpy as np
import pandas as pd
import pytest

from imid.quality import call_genotypes, compare_genotypes
from imid.quality.call_genotypes import places_of
from imid.quality.judge_samples import judged_figures, verdict_of, warnings_of
from imid.quality.measured_sample import MeasuredSample, read_measured
from imid.question.sample_figures import sample_figures
from imid.shared.problems import InputError
from imid.shared.tables import GENOTYPES, read_table
from imid.userfiles.site_files import Stretch
from libraries_of_lines import (
    Variants,
    draw_fragments,
    draw_variants,
    together,
    write_library,
    write_reference,
)

FRAGMENTS = 5000
LINES = ["MM1S", "OPM2"]


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    """A reference, two unrelated lines with some variants in common, one derived of the first."""
    rng = np.random.default_rng(14)
    reference = write_reference(tmp_path_factory.mktemp("reference"), rng)
    common = draw_variants(rng, reference, 60)
    lines = {line: together(draw_variants(rng, reference, 90), common) for line in LINES}
    lines["MM1S_res"] = together(lines["MM1S"], draw_variants(rng, reference, 2))
    return reference, lines


@pytest.fixture(scope="module")
def library(laboratory, tmp_path_factory):
    """Sequence a library of a line, from fragments of its own, and count its bases; each once."""
    reference, lines = laboratory
    folder = tmp_path_factory.mktemp("libraries")
    made = {}

    def make(line, replicate, fragments=None, **options):
        name = f"{line}_{replicate}"
        if name not in made:
            rng = np.random.default_rng([14, *name.encode()])
            drawn = draw_fragments(rng, FRAGMENTS) if fragments is None else fragments
            bam = write_library(
                folder / f"{name}.bam", rng, reference, lines[line], drawn, **options
            )
            made[name] = count(bam, name, reference)
        return made[name]

    return make


def count(bam, sample, reference, *options):
    output = bam.with_suffix(".npz")
    call_genotypes.main(
        [
            *["--sample", sample, "--alignments", str(bam), *reference.options],
            *["--counts", str(bam.with_suffix(".counts.tsv")), "--output", str(output), *options],
        ]
    )
    return output


def compare(folder, genotypes, lines):
    """Run the step; hand back what is measured of each sample, and the matrix."""
    outputs = [folder / f"{number}.json" for number in range(len(lines))]
    compare_genotypes.main(
        [
            *["--genotypes", *map(str, genotypes), "--lines", *lines],
            *["--table", str(folder / "genotypes.tsv"), "--outputs", *map(str, outputs)],
        ]
    )
    return [*map(read_measured, outputs)], read_table(folder / "genotypes.tsv")


def told(found):
    """What the run is told of samples."""
    verdicts = [
        verdict_of(one.sample, judged_figures(one.sample, [one], sample_figures())) for one in found
    ]
    return warnings_of(verdicts, found)


def test_sound_samples_sit_with_their_lines(tmp_path, library):
    samples = [library(line, number) for line in LINES for number in (1, 2, 3)]
    found, table = compare(tmp_path, samples, ["MM1S"] * 3 + ["OPM2"] * 3)
    for measured in found:
        assert measured.figures["of_another_line"] == 0
        assert "of_another_line" not in measured.notes
        assert measured.figures["own_line_concordance"] > 0.97
        assert measured.figures["other_line_concordance"] < 0.7
        assert measured.figures["genotype_sites"] >= 60
        assert measured.figures["shared_fragments"] < 0.02
    assert list(table) == GENOTYPES
    assert len(table) == 30
    same = table["cell_line"] == table["other_cell_line"]
    assert (table["verdict"] == np.where(same, "same", "different")).all()
    assert told(found) == []


def test_swapped_labels_of_two_lines_are_named(tmp_path, library):
    samples = [library(line, number) for line in LINES for number in (1, 2, 3)]
    samples[2], samples[3] = samples[3], samples[2]
    found, _ = compare(tmp_path, samples, ["MM1S"] * 3 + ["OPM2"] * 3)
    assert [m.figures["of_another_line"] for m in found] == [0, 0, 1, 1, 0, 0]
    assert found[2].notes["of_another_line"].startswith("sits with OPM2, not with MM1S")
    assert found[3].notes["of_another_line"].startswith("sits with MM1S, not with OPM2")
    assert found[2].figures["other_line_concordance"] > found[2].figures["own_line_concordance"]
    # One stranger among three makes the others' lines look no more alike.
    assert found[0].figures["other_line_concordance"] < 0.7
    said = told(found)
    assert [text.split(":")[0] for text in said] == ["sample OPM2_1 fails", "sample MM1S_3 fails"]
    assert "Of another line 1, above 0 (sits with OPM2, not with MM1S: a swapped label" in said[0]
    assert "Agrees with its line" in said[0]


def test_one_library_twice_is_named(tmp_path, library, laboratory):
    fragments = draw_fragments(np.random.default_rng(1), 2 * FRAGMENTS)
    first = library("MM1S", "one", fragments[:FRAGMENTS])
    # Sequenced again, with half of the fragments and errors of its own.
    again = library("MM1S", "again", fragments[FRAGMENTS // 2 : FRAGMENTS * 3 // 2])
    found, table = compare(tmp_path, [first, again, library("MM1S", 3)], ["MM1S"] * 3)
    assert found[0].figures["shared_fragments"] == pytest.approx(0.5, abs=0.08)
    assert found[2].figures["shared_fragments"] < 0.02
    both = [
        f"sample MM1S_{one} fails: Fragments of another sample"
        f" {measured.figures['shared_fragments']:.1%}, above 20.0% (with MM1S_{other} of MM1S)"
        for measured, one, other in [(found[0], "one", "again"), (found[1], "again", "one")]
    ]
    assert told(found) == both
    assert table["shared_fragments"].max() > 0.4


def test_single_reads_tell_nothing_of_one_library(tmp_path, library):
    samples = [library("MM1S", f"single_{number}", paired=False) for number in (1, 2)]
    found, table = compare(tmp_path, samples, ["MM1S"] * 2)
    assert "shared_fragments" not in found[0].figures
    assert "two ends" in found[0].notes["shared_fragments"]
    assert table["shared_fragments"].isna().all()
    assert found[0].figures["of_another_line"] == 0


def test_a_derived_line_cannot_be_told_from_its_parent(tmp_path, library):
    samples = [library(line, number) for line in ("MM1S", "MM1S_res") for number in (1, 2)]
    lines = ["MM1S", "MM1S", "MM1S_res", "MM1S_res"]
    found, _ = compare(tmp_path, samples, lines)
    assert [m.figures["of_another_line"] for m in found] == [0] * 4
    assert found[0].notes["of_another_line"].startswith("MM1S cannot be told apart from MM1S_res:")
    assert "a swap between them is not seen" in found[3].notes["of_another_line"]
    # Once of each line, not of each sample.
    said = told(found)
    assert [text.split(":")[0] for text in said] == [
        "MM1S cannot be told apart from MM1S_res",
        "MM1S_res cannot be told apart from MM1S",
    ]


def test_without_variants_it_cannot_be_told(tmp_path, laboratory):
    reference, _ = laboratory
    none = Variants(np.zeros(0, int), np.zeros(0, "U1"))
    rng = np.random.default_rng(2)
    samples = []
    for number in range(2):
        path = tmp_path / f"s{number}.bam"
        write_library(path, rng, reference, none, draw_fragments(rng, FRAGMENTS))
        samples.append(count(path, f"s{number}", reference))
    found, table = compare(tmp_path, samples, ["A", "B"])
    assert found[0].figures["genotype_sites"] == 0
    assert "of_another_line" not in found[0].figures
    assert found[0].notes["of_another_line"].startswith("cannot tell: 0 sites, and 22 are needed")
    assert set(table["verdict"]) == {"cannot tell"}


def test_a_mixture_sits_nowhere_and_joins_no_lines(tmp_path, library, laboratory):
    reference, lines = laboratory
    rng = np.random.default_rng(3)
    mixed = together(
        *(
            Variants(line.place, line.letter, line.share / 2)
            for line in (lines["MM1S"], lines["OPM2"])
        )
    )
    path = write_library(
        tmp_path / "mixed.bam", rng, reference, mixed, draw_fragments(rng, FRAGMENTS)
    )
    samples = [library(line, number) for line in LINES for number in (1, 2)]
    samples.insert(2, count(path, "mixed", reference))
    found, _ = compare(tmp_path, samples, ["MM1S"] * 3 + ["OPM2"] * 2)
    assert [m.figures["of_another_line"] for m in found] == [0, 0, 1, 0, 0]
    assert "mixed ones; the nearest is OPM2" in found[2].notes["of_another_line"]


def test_edited_bases_are_left_out_and_counted(tmp_path, laboratory, library):
    reference, lines = laboratory
    rng = np.random.default_rng(4)
    strand = np.repeat([*reference.strands], reference.exonic().shape[1])
    places = reference.exonic().ravel()
    letter = reference.letters[places]
    edited = ((letter == "A") & (strand == "+")) | ((letter == "T") & (strand == "-"))
    place = rng.choice(places[edited & (places % 40 == 7)], 60, replace=False)
    other = np.where(reference.letters[place] == "A", "G", "C")
    editing = Variants(place, other, rng.uniform(0.3, 0.7, 60))
    samples = []
    for number, variants in enumerate([lines["MM1S"], together(lines["MM1S"], editing)]):
        path = tmp_path / f"s{number}.bam"
        write_library(path, rng, reference, variants, draw_fragments(rng, FRAGMENTS))
        samples.append(count(path, f"s{number}", reference))
    found, _ = compare(tmp_path, samples, ["MM1S"] * 2)
    assert found[0].figures["edited_sites"] >= 45
    assert found[0].figures["own_line_concordance"] > 0.97


def test_sites_that_are_given_are_asked_alone(tmp_path, laboratory):
    reference, lines = laboratory
    rng = np.random.default_rng(5)
    of_both = np.union1d(lines["MM1S"].place, lines["OPM2"].place)[::2]
    bed = tmp_path / "sites.bed"
    bed.write_text("".join(f"1\t{place}\t{place + 1}\n" for place in of_both))
    samples = []
    for line in LINES:
        path = tmp_path / f"{line}.bam"
        write_library(path, rng, reference, lines[line], draw_fragments(rng, FRAGMENTS))
        samples.append(count(path, line, reference, "--sites", str(bed)))
    found, _ = compare(tmp_path, samples, LINES)
    assert 0 < found[0].figures["genotype_sites"] <= len(of_both)
    # A base that is given is no edited one.
    assert found[0].figures["edited_sites"] == 0
    assert found[0].figures["of_another_line"] == 0


def test_sites_of_other_contigs_are_refused():
    with pytest.raises(InputError, match=r"none of the 1 sites .* \(chr1 against 1, 2\)"):
        places_of([Stretch("chr1", 5, 6)], ["1", "2"])
    assert places_of([Stretch("chr1", 5, 6), Stretch("1", 5, 7)], ["1", "2"]) == [5, 6]
    assert places_of([], ["1"]) == []


def test_a_sample_alone_is_told_nothing_of(tmp_path, library):
    found, table = compare(tmp_path, [library("MM1S", 1)], ["MM1S"])
    assert found[0].notes["of_another_line"] == "there is no other sample"
    assert isinstance(found[0], MeasuredSample)
    assert isinstance(table, pd.DataFrame)
    assert table.empty
    assert json.loads((tmp_path / "0.json").read_text())["sample"] == "MM1S_1"
