"""The synthetic experiment, held against its own plan by means that the generator does not use."""

import copy
from itertools import pairwise, permutations

import HTSeq
import numpy as np
import pandas as pd
import pytest
import yaml

from imid.shared.problems import InputError
from imid.shared.tables import read_table
from imid.synthetic.make_synthetic import main, make_synthetic
from imid.synthetic.synthetic_expression import draw_counts, expected_counts, plan_expression
from imid.synthetic.synthetic_library import build_transcriptome, draw_lengths, draw_library
from imid.synthetic.synthetic_reads import ADAPTERS, read_out, sequence_mates
from made_reads import (
    exons_by_transcript,
    mates,
    read_features,
    read_genome,
    reads,
    reverse_complement,
    stretch,
)
from running import ROOT

TARGETS = read_table(ROOT / "resources/targets.tsv")
FRAGMENTS = 600
SAMPLE = "MM1S_dmso_1"


@pytest.fixture(scope="module")
def plan():
    return yaml.safe_load((ROOT / "resources/synthetic.yaml").read_text())


@pytest.fixture(scope="module")
def single(plan):
    """The plan with one replicate."""
    return {**plan, "experiment": {**plan["experiment"], "replicates": 1}}


@pytest.fixture(scope="module")
def transcriptome(plan):
    return build_transcriptome(plan, TARGETS)


@pytest.fixture(scope="module")
def experiment(plan, tmp_path_factory):
    """One line's samples, small, and sequenced without a mistake."""
    faultless = copy.deepcopy(plan)
    faultless["reads"]["qualities"] = [90, 80, 70]
    directory = tmp_path_factory.mktemp("synthetic")
    make_synthetic(faultless, TARGETS, directory, fragments=FRAGMENTS, cell_lines=["MM1S"])
    return directory


@pytest.fixture(scope="module")
def sheet(experiment):
    return read_table(experiment / "config/samples.tsv")


@pytest.fixture(scope="module")
def genome(experiment):
    return read_genome(experiment)


@pytest.fixture(scope="module")
def features(experiment):
    return read_features(experiment)


@pytest.fixture(scope="module")
def exons(features):
    return exons_by_transcript(features)


def test_the_same_plan_gives_the_same_bytes(single, tmp_path):
    plan = tmp_path / "plan.yaml"
    plan.write_text(yaml.safe_dump(single, sort_keys=False))
    arguments = ["--plan", plan, "--targets", ROOT / "resources/targets.tsv", "--fragments", 50]
    for name in ["first", "second"]:
        main([*map(str, arguments), "--output", str(tmp_path / name), "--cell-lines", "MM1S"])
    files = [path for path in (tmp_path / "first").rglob("*") if path.is_file()]
    # The reference, two mates of three samples and of a second lane, config, truth.
    assert len(files) == 3 + 2 * 4 + 2 + 6
    for path in files:
        again = tmp_path / "second" / path.relative_to(tmp_path / "first")
        assert path.read_bytes() == again.read_bytes()


def test_another_seed_gives_another_experiment(single, experiment, tmp_path):
    other = {**single, "seed": single["seed"] + 1}
    make_synthetic(other, TARGETS, tmp_path, fragments=50, cell_lines=["MM1S"])
    for name in ["reference/genome.fa.gz", "truth/genes.tsv"]:
        assert (tmp_path / name).read_bytes() != (experiment / name).read_bytes()


def test_a_samples_reads_do_not_depend_on_the_other_lines(single, tmp_path):
    for name, lines in [("one", ["MM1S_res"]), ("both", None)]:
        make_synthetic(single, TARGETS, tmp_path / name, fragments=50, cell_lines=lines)
    name = "reads/MM1S_res_pomalidomide_1_L001_R2.fastq.gz"
    assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "both" / name).read_bytes()


def test_every_target_has_a_locus_of_its_own(experiment):
    genes = read_table(experiment / "truth/genes.tsv", index="gene_id")
    rows = genes.loc[TARGETS["gene_id"]]
    assert list(rows["gene_name"]) == list(TARGETS["gene_name"])
    assert set(rows["kind"]) == {"simple"}
    assert 150 <= len(genes) <= 300
    assert genes.index.is_unique
    assert genes["gene_name"].is_unique


def test_the_annotation_is_that_of_the_truth(experiment, features, exons):
    genes = read_table(experiment / "truth/genes.tsv", index="gene_id")
    lines = {line.attr["gene_id"]: line for line in features if line.type == "gene"}
    assert set(lines) == set(genes.index)
    for gene_id, line in lines.items():
        assert line.attr["gene_name"] == genes.loc[gene_id, "gene_name"]
        assert line.attr["gene_biotype"] == genes.loc[gene_id, "biotype"]
    bases, isoforms = {}, dict.fromkeys(genes.index, 0)
    for transcript in exons.values():
        isoforms[transcript[0][0]] += 1
        for gene_id, exon in transcript:
            assert exon.is_contained_in(lines[gene_id].iv)
            bases.setdefault(gene_id, set()).update(range(exon.start, exon.end))
    assert isoforms == genes["isoforms"].to_dict()
    assert {name: len(covered) for name, covered in bases.items()} == genes["length"].to_dict()


def test_kinds_say_how_genes_lie(experiment, features):
    kinds = read_table(experiment / "truth/genes.tsv", index="gene_id")["kind"]
    genes = [line for line in features if line.type == "gene"]
    touching = {"same": set(), "opposite": set()}
    for one, other in permutations(genes, 2):
        near = one.iv.chrom == other.iv.chrom
        if near and one.iv.start < other.iv.end and other.iv.start < one.iv.end:
            side = "same" if one.iv.strand == other.iv.strand else "opposite"
            touching[side].add(one.attr["gene_id"])
    assert touching["same"] == set(kinds.index[kinds == "overlapping"])
    assert touching["opposite"] == set(kinds.index[kinds == "antisense"])


def test_introns_have_splice_sites(genome, exons):
    introns = 0
    for transcript in exons.values():
        for (_, exon), (_, following) in pairwise(transcript):
            start, end = sorted([exon.start, exon.end, following.start, following.end])[1:3]
            intron = stretch(genome, HTSeq.GenomicInterval(exon.chrom, start, end, exon.strand))
            assert intron.startswith("GT")
            assert intron.endswith("AG")
            introns += 1
    assert introns > 500


def test_duplicated_genes_are_near_copies(genome, exons, experiment):
    genes = read_table(experiment / "truth/genes.tsv", index="gene_id")
    first = {}
    for transcript in exons.values():
        sequence = "".join(stretch(genome, exon) for _, exon in transcript)
        first.setdefault(transcript[0][0], sequence)
    duplicated = genes.index[genes["kind"] == "duplicated"]
    assert "processed_pseudogene" in set(genes.loc[duplicated, "biotype"])
    for original, duplicate in zip(duplicated[::2], duplicated[1::2], strict=True):
        bases = np.array([list(first[original]), list(first[duplicate])])
        assert 0.98 < (bases[0] == bases[1]).mean() <= 1


def test_reads_come_from_the_gene_and_the_strand_of_the_truth(genome, exons, experiment, sheet):
    """The first 50 bases of each mate, looked up in the spliced transcripts, give the counts."""
    word = 50
    owners = {}
    for transcript in exons.values():
        sequence = "".join(stretch(genome, exon) for _, exon in transcript)
        for at in range(len(sequence) - word + 1):
            owners.setdefault(sequence[at : at + word], set()).add(transcript[0][0])
    truth = read_table(experiment / "truth/counts.tsv", index="gene_id")
    kinds = read_table(experiment / "truth/genes.tsv", index="gene_id")["kind"]
    for sample in [SAMPLE, "MM1S_pomalidomide_2"]:
        found, genic = dict.fromkeys(truth.index, 0), 0
        for first, second in mates(experiment, sheet, sample):
            sense = owners.get(second[:word], set())
            antisense = owners.get(reverse_complement(first[:word]), set())
            genic += bool(sense & antisense)
            for gene_id in sense & antisense:
                found[gene_id] += 1
        alone = kinds.index[kinds.isin(["simple", "antisense"])]
        assert genic == truth[sample].sum() > FRAGMENTS / 2
        assert pd.Series(found)[alone].to_dict() == truth.loc[alone, sample].to_dict()


def test_totals_add_up_over_lanes(experiment, sheet):
    totals = read_table(experiment / "truth/samples.tsv", index="sample")
    counts = read_table(experiment / "truth/counts.tsv", index="gene_id").drop(columns="gene_name")
    assert totals["genic"].to_dict() == counts.sum().to_dict()
    parts = totals[["genic", "intronic", "intergenic", "foreign", "mycoplasma", "dimers"]]
    assert (parts.sum(axis=1) == totals["fragments"]).all()
    assert list(sheet["sample"]).count(SAMPLE) == 2
    assert sheet["sample"].nunique() == 9
    for sample, total in totals["fragments"].items():
        assert len(mates(experiment, sheet, sample)) == total


def test_reads_of_a_sample_have_names_of_their_own(experiment, sheet):
    names = []
    for lane in sheet[sheet["sample"] == SAMPLE].itertuples():
        first, second = reads(experiment / lane.fastq_1), reads(experiment / lane.fastq_2)
        assert [read[0] for read in first] == [read[0] for read in second]
        names += [read[0] for read in first]
    assert len(set(names)) == len(names)


def test_short_fragments_run_into_the_adapters(plan, transcriptome):
    fragments = pd.DataFrame({"start": [10, 10], "length": [60, 100], "flipped": False})
    first, second = (
        [row.tobytes().decode() for row in mate]
        for mate in sequence_mates(transcriptome.pool, fragments, 100, "ACGTACGT")
    )
    sense = transcriptome.pool[10:70].tobytes().decode()
    assert second[0] == sense + ADAPTERS[1][:40]
    assert first[0] == reverse_complement(sense) + ADAPTERS[0].format(index="ACGTACGT")[:40]
    assert second[1] == reverse_complement(first[1])


def test_some_fragments_are_shorter_than_a_read(plan):
    sizes = plan["reads"]["fragment"]
    lengths = draw_lengths(np.random.default_rng(1), 20_000, sizes)
    assert sizes["min"] <= lengths.min()
    assert lengths.max() <= sizes["max"]
    assert lengths.mean() == pytest.approx(sizes["mean"], abs=2)
    assert lengths.std() == pytest.approx(sizes["sd"], abs=2)
    assert 0.01 < (lengths < plan["reads"]["length"]).mean() < 0.1


def test_bases_are_wrong_as_often_as_their_quality_says(plan):
    bases = np.full((20_000, plan["reads"]["length"]), ord("G"), dtype=np.uint8)
    called, qualities = read_out(np.random.default_rng(1), bases, plan["reads"])
    scores = qualities.astype(int) - 33
    for score in plan["reads"]["qualities"]:
        wrong = (called != bases)[scores == score].mean()
        assert wrong == pytest.approx(10 ** (-score / 10), rel=0.15)
    assert set(np.unique(called)) == set(b"ACGT")
    by_cycle = scores.mean(axis=0)
    assert by_cycle[:10].mean() > by_cycle[45:55].mean() > by_cycle[-10:].mean()


@pytest.mark.parametrize(("mean", "dispersion"), [(4, 0.5), (100, 0.05), (1000, 0.01)])
def test_counts_have_the_moments_of_the_negative_binomial(mean, dispersion):
    counts = draw_counts(
        np.random.default_rng(1), np.full(100_000, mean), np.full(100_000, dispersion)
    )
    assert counts.mean() == pytest.approx(mean, rel=0.02)
    assert counts.var() == pytest.approx(mean + dispersion * mean**2, rel=0.05)


def test_planted_effects_are_in_the_drawn_counts(plan, transcriptome):
    """Over many libraries, the ratio of the means is the planted one."""
    genes = transcriptome.expression.set_index("gene_name")
    line = plan["experiment"]["cell_lines"]["MM1S"]
    rng = np.random.default_rng(1)
    found = {}
    for treatment in plan["experiment"]["dose_um"]:
        mean = expected_counts(transcriptome.expression, line, treatment, 1.0)
        drawn = draw_counts(rng, np.tile(mean, (400, 1)), genes["dispersion"].to_numpy())
        found[treatment] = pd.Series(drawn.mean(axis=0), genes.index)
    change = np.log2(found["pomalidomide"] / found["lenalidomide"])
    for name, effect in plan["effects"]["targets"].items():
        planted = effect["pomalidomide"] - effect["lenalidomide"]
        assert change[name] == pytest.approx(planted, abs=0.1)
    for name in ["IKZF1", "IKZF3", "ARID2", "CRBN"]:
        assert change[name] == pytest.approx(0, abs=0.1)


def test_the_truth_says_which_genes_move(plan, experiment):
    truth = read_table(experiment / "truth/log2_fold_changes.tsv")
    assert set(truth["cell_line"]) == {"MM1S"}
    table = truth.pivot(
        index="gene_name", columns=["numerator", "denominator"], values="log2_fold_change"
    )
    irf4 = plan["effects"]["targets"]["IRF4"]
    assert table.loc["IRF4"].to_dict() == {
        ("lenalidomide", "dmso"): irf4["lenalidomide"],
        ("pomalidomide", "dmso"): irf4["pomalidomide"],
        ("pomalidomide", "lenalidomide"): irf4["pomalidomide"] - irf4["lenalidomide"],
    }
    moved = table.any(axis=1)
    assert 0.12 < moved.mean() < 0.22
    unchanged = TARGETS.loc[~TARGETS["gene_name"].isin(plan["effects"]["targets"]), "gene_name"]
    assert not moved[unchanged].any()
    # The published cut of 1 is not left to noise among the effects that must be found.
    assert not ((table.abs() > 1) & (table.abs() < 1.5)).any(axis=None)


def test_the_resistant_line_has_little_cereblon_and_hardly_answers(plan, transcriptome):
    genes = transcriptome.expression["gene_name"].to_numpy()
    lines = plan["experiment"]["cell_lines"]
    parent, resistant = (
        {
            treatment: pd.Series(
                expected_counts(transcriptome.expression, lines[line], treatment, 1.0), genes
            )
            for treatment in plan["experiment"]["dose_um"]
        }
        for line in ["MM1S", "MM1S_res"]
    )
    assert parent["dmso"]["CRBN"] > 5 * resistant["dmso"]["CRBN"]
    assert parent["dmso"]["IRF4"] > 10 * parent["pomalidomide"]["IRF4"]
    assert resistant["dmso"]["IRF4"] < 1.5 * resistant["pomalidomide"]["IRF4"]


def test_libraries_stay_comparable(plan, transcriptome):
    """Most genes do not move, and those that do hardly change a library's size."""
    line = plan["experiment"]["cell_lines"]["MM1S"]
    sizes = [
        expected_counts(transcriptome.expression, line, treatment, 1.0).sum()
        for treatment in plan["experiment"]["dose_um"]
    ]
    assert max(sizes) < 1.2 * min(sizes)
    genic = plan["experiment"]["fragments"] * (1 - sum(plan["expression"]["noise"].values()))
    assert sizes[0] == pytest.approx(genic)


def test_fragments_know_their_gene(plan, transcriptome):
    sample = pd.Series({"cell_line": "MM1S", "treatment": "dmso"})
    library = draw_library(np.random.default_rng(1), plan, transcriptome, sample, 0.1)
    templates = transcriptome.templates.iloc[library.fragments["template"]].reset_index(drop=True)
    genic = templates[templates["kind"] == "transcript"]
    assert genic["gene_id"].value_counts().to_dict() == library.counts[library.counts > 0].to_dict()
    ends = library.fragments["start"] + library.fragments["length"]
    assert (library.fragments["start"] >= templates["offset"]).all()
    assert (ends <= templates["offset"] + templates["length"]).all()


def test_the_config_names_files_that_are_there(experiment, sheet):
    config = yaml.safe_load((experiment / "config/config.yaml").read_text())
    assert config["samples"] == "config/samples.tsv"
    for path in [*config["reference"].values(), *sheet["fastq_1"], *sheet["fastq_2"]]:
        assert (experiment / path).is_file()
    contrasts = config["differential"]["contrasts"]
    assert [contrast["name"] for contrast in contrasts] == [
        "lenalidomide_vs_dmso",
        "pomalidomide_vs_dmso",
        "pomalidomide_vs_lenalidomide",
    ]
    for contrast in contrasts:
        assert contrast["name"] == f"{contrast['numerator']}_vs_{contrast['denominator']}"


def test_unknown_names_are_all_told_at_once(plan, tmp_path):
    panel = TARGETS[TARGETS["gene_name"] != "IRF4"]
    with pytest.raises(InputError) as caught:
        make_synthetic(plan, panel, tmp_path / "none", cell_lines=["MM1R", "MM1S"])
    assert len(caught.value.problems) == 2
    assert "IRF4" in caught.value.problems[0]
    assert "MM1R" in caught.value.problems[1]
    assert not (tmp_path / "none").exists()


def test_missing_files_are_told_at_once(tmp_path):
    with pytest.raises(InputError) as caught:
        main(["--plan", str(tmp_path / "plan.yaml"), "--output", str(tmp_path / "none")])
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        str(tmp_path / "plan.yaml"),
        str(tmp_path / "targets.tsv"),
    ]


def test_a_panel_too_large_for_the_library_is_refused(plan, transcriptome):
    crowded = copy.deepcopy(plan)
    crowded["expression"]["visible"] = [1000, 1001]
    with pytest.raises(InputError, match=r"raise experiment\.fragments"):
        plan_expression(np.random.default_rng(1), crowded, transcriptome.genome.genes)
