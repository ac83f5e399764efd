"""Planted faults, looked for in the reads themselves."""

import copy
from collections import Counter, defaultdict

import numpy as np
import pytest
import yaml

from imid.shared.problems import InputError
from imid.shared.tables import read_table
from imid.synthetic.faults import THREE_PRIME_BASES
from imid.synthetic.make_synthetic import make_synthetic
from imid.synthetic.synthetic_reads import ADAPTERS
from made_reads import (
    exons_by_transcript,
    mates,
    read_features,
    read_genome,
    reverse_complement,
    spliced_transcripts,
    stretch,
)
from running import ROOT

TARGETS = read_table(ROOT / "resources/targets.tsv")
FRAGMENTS = 1500
WORD = 40
FAULTS = {
    "MM1S_dmso_2": [{"kind": "rRNA", "share": 0.3}],
    "MM1S_dmso_3": [{"kind": "immunoglobulin", "share": 0.4}],
    "MM1S_lenalidomide_1": [{"kind": "mycoplasma", "share": 0.05}],
    "MM1S_lenalidomide_2": [{"kind": "adapter_dimers", "share": 0.25}],
    "MM1S_lenalidomide_3": [{"kind": "genomic_dna", "share": 0.6}],
    "MM1S_pomalidomide_1": [{"kind": "degraded", "share": 0.7}],
    "MM1S_pomalidomide_2": [{"kind": "duplicates", "share": 0.6}],
    "MM1S_pomalidomide_3": [{"kind": "depth", "share": 0.1}],
    "U266_dmso_1": [{"kind": "wrong_strand", "share": 1.0}],
    "U266_dmso_2": [{"kind": "mitochondrial", "share": 0.5}, {"kind": "duplicates", "share": 0.6}],
    "U266_dmso_3": [{"kind": "haemoglobin", "share": 0.2}],
    "U266_lenalidomide_1": [{"kind": "same_library", "other": "U266_lenalidomide_2"}],
    "U266_pomalidomide_1": [{"kind": "swapped", "other": "MM1S_dmso_1"}],
}
SOUND = ["U266_lenalidomide_2", "U266_lenalidomide_3", "U266_pomalidomide_2", "U266_pomalidomide_3"]
CLASSES = {
    "rRNA": ["RNA28S", "RNA18S", "RNA5-8S"],
    "immunoglobulin": ["IGHG1", "IGHV3-23", "IGKC", "IGKV1-5", "IGLC2"],
    "mitochondrial": ["MT-RNR2", "MT-CO1", "MT-CYB", "MT-ND4"],
    "haemoglobin": ["HBA1", "HBB"],
}


@pytest.fixture(scope="module")
def plan():
    """Two lines, one with variants, sequenced without a mistake."""
    plan = yaml.safe_load((ROOT / "resources/synthetic.yaml").read_text())
    plan["reads"]["qualities"] = [90, 80, 70]
    plan["experiment"]["cell_lines"] = {
        "MM1S": {"response": 1.0},
        "U266": {"response": 0.5, "variants": 300},
        "U266_res": {"response": 0.1, "variants_of": "U266"},
    }
    return plan


@pytest.fixture(scope="module")
def sound(plan, tmp_path_factory):
    """The plan without faults."""
    return made(plan, tmp_path_factory.mktemp("sound"))


@pytest.fixture(scope="module")
def faulty(plan, tmp_path_factory):
    return made({**plan, "faults": FAULTS}, tmp_path_factory.mktemp("faulty"))


def made(plan, directory):
    make_synthetic(
        plan, TARGETS, directory, fragments=FRAGMENTS, cell_lines=["MM1S", "U266", "U266_res"]
    )
    return directory


@pytest.fixture(scope="module")
def pairs(faulty):
    """The pairs of each sample of the faulty experiment."""
    return all_pairs(faulty)


@pytest.fixture(scope="module")
def sound_pairs(sound):
    return all_pairs(sound)


def all_pairs(experiment):
    sheet = read_table(experiment / "config/samples.tsv")
    return {sample: mates(experiment, sheet, sample) for sample in sheet["sample"].unique()}


@pytest.fixture(scope="module")
def genes(faulty):
    return read_table(faulty / "truth/genes.tsv", index="gene_id")


@pytest.fixture(scope="module")
def transcripts(faulty):
    """Each gene's spliced sequences."""
    exons = exons_by_transcript(read_features(faulty))
    found = defaultdict(list)
    for gene_id, sequence in spliced_transcripts(read_genome(faulty), exons):
        found[gene_id].append(sequence)
    return found


@pytest.fixture(scope="module")
def truth(faulty):
    """What was planted and what was made, by sample and fault."""
    return read_table(faulty / "truth/faults.tsv").set_index(["sample", "fault"])


def words(sequences):
    """Every word of some sequences, with the bases from its start to their end."""
    return {
        sequence[at : at + WORD]: len(sequence) - at
        for sequence in sequences
        for at in range(len(sequence) - WORD + 1)
    }


def share_of(found, pairs):
    return sum(found(first, second) for first, second in pairs) / len(pairs)


def planted(kind):
    """The samples in which a fault was planted, each with its share."""
    return [
        (sample, fault["share"])
        for sample, faults in FAULTS.items()
        for fault in faults
        if fault["kind"] == kind
    ]


@pytest.mark.parametrize("gene_class", CLASSES)
def test_a_class_of_genes_has_its_share(gene_class, pairs, genes, transcripts, truth):
    members = genes.index[genes["gene_name"].isin(CLASSES[gene_class])]
    assert len(members) == len(CLASSES[gene_class])
    known = words(sequence for gene_id in members for sequence in transcripts[gene_id])

    def is_member(first, second):
        return second[:WORD] in known and reverse_complement(first[:WORD]) in known

    [(sample, share)] = planted(gene_class)
    assert share_of(is_member, pairs[sample]) == pytest.approx(share, abs=0.02)
    for name in [sample, *SOUND]:
        found = share_of(is_member, pairs[name])
        assert found == pytest.approx(truth.loc[(name, gene_class), "share"])
        assert (found > 0) == (name == sample)


def test_immunoglobulin_is_mostly_one_light_and_one_heavy_chain(faulty):
    counts = read_table(faulty / "truth/counts.tsv", index="gene_name")["MM1S_dmso_3"]
    chains = counts[CLASSES["immunoglobulin"]]
    assert (chains[["IGHG1", "IGKC"]].sum() / chains.sum()) > 0.7
    assert chains.max() > 0.15 * counts.sum()


def test_mycoplasma_is_of_the_sequence_that_is_written(faulty, pairs, truth):
    [sequence] = read_genome(faulty, "mycoplasma").values()
    assert (sequence.count("G") + sequence.count("C")) / len(sequence) == pytest.approx(
        0.26, abs=0.02
    )
    strands = words([sequence]), words([reverse_complement(sequence)])
    [(sample, share)] = planted("mycoplasma")
    by_strand = [
        share_of(lambda first, second, known=known: second[:WORD] in known, pairs[sample])
        for known in strands
    ]
    assert sum(by_strand) == pytest.approx(share, abs=0.001)
    assert sum(by_strand) == pytest.approx(truth.loc[(sample, "mycoplasma"), "share"])
    assert min(by_strand) > 0.3 * share


def test_dimers_are_adapters_from_the_second_base(pairs, truth):
    def is_dimer(first, second):
        starts = (adapter[:WORD].split("{")[0] for adapter in ADAPTERS)
        return all(
            read[1:].startswith(start) for read, start in zip((first, second), starts, strict=True)
        )

    [(sample, share)] = planted("adapter_dimers")
    found = share_of(is_dimer, pairs[sample])
    assert found == pytest.approx(share, abs=0.001)
    assert found == pytest.approx(truth.loc[(sample, "adapter_dimers"), "share"])
    assert not any(share_of(is_dimer, pairs[name]) for name in SOUND)


def test_genomic_dna_is_of_both_strands_and_of_no_exon(faulty, pairs, genes, transcripts, truth):
    spliced = words(sequence for isoforms in transcripts.values() for sequence in isoforms)
    genome = read_genome(faulty)
    forward, backward = words(genome.values()), words(map(reverse_complement, genome.values()))
    [(sample, share)] = planted("genomic_dna")

    def of_dna(first, second):
        ends = second[:WORD], reverse_complement(first[:WORD])
        return all(end in forward or end in backward for end in ends) and not any(
            end in spliced or reverse_complement(end) in spliced for end in ends
        )

    found, usual = share_of(of_dna, pairs[sample]), share_of(of_dna, pairs[SOUND[0]])
    # Of the rest of the library some was intronic and intergenic before.
    assert found == pytest.approx(share + (1 - share) * usual, abs=0.02)
    assert found == pytest.approx(truth.loc[(sample, "genomic_dna"), "share"], abs=0.01)
    row = read_table(faulty / "truth/samples.tsv", index="sample").loc[sample]
    assert (row["intronic"] + row["intergenic"]) / row["fragments"] == pytest.approx(
        truth.loc[(sample, "genomic_dna"), "share"]
    )
    # Against the genes that they lie in, as pre-mRNA never is.
    within = {
        feature.attr["gene_id"]: stretch(genome, feature.iv)
        for feature in read_features(faulty)
        if feature.type == "gene" and genes.loc[feature.attr["gene_id"], "kind"] == "simple"
    }
    sense, antisense = words(within.values()), words(map(reverse_complement, within.values()))
    dna = [pair for pair in pairs[sample] if of_dna(*pair)]
    with_them, against = (
        share_of(lambda first, second, known=known: second[:WORD] in known, dna)
        for known in (sense, antisense)
    )
    assert with_them == pytest.approx(against, abs=0.1)
    assert with_them + against > 0.3


def test_degraded_transcripts_are_read_at_their_3_prime_end(faulty, pairs, transcripts, truth):
    known = words(sequence for isoforms in transcripts.values() for sequence in isoforms)

    def is_near_end(first, second):
        return known.get(second[:WORD], np.inf) <= THREE_PRIME_BASES

    [(sample, share)] = planted("degraded")
    totals = read_table(faulty / "truth/samples.tsv", index="sample").loc[sample]
    share *= totals["genic"] / totals["fragments"]
    found, usual = share_of(is_near_end, pairs[sample]), share_of(is_near_end, pairs[SOUND[0]])
    assert found == pytest.approx(share + (1 - share) * usual, abs=0.02)
    for name in [sample, SOUND[0]]:
        made = truth.loc[(name, "degraded"), "share"]
        assert share_of(is_near_end, pairs[name]) == pytest.approx(made, abs=0.02)


def test_duplicates_repeat_both_ends(pairs, truth):
    def repeated(pairs):
        return 1 - len(set(pairs)) / len(pairs)

    for sample, share in planted("duplicates"):
        made = truth.loc[(sample, "duplicates"), "share"]
        assert repeated(pairs[sample]) == pytest.approx(made, abs=0.005)
        assert made == pytest.approx(share, abs=0.04)
    assert repeated(pairs[SOUND[0]]) < 0.02
    # They are further copies of molecules that are spread over all, not many copies of a few.
    copies = Counter(pairs["MM1S_pomalidomide_2"])
    assert np.mean(list(copies.values())) == pytest.approx(2.5, abs=0.1)
    assert max(copies.values()) < 12


def test_a_shallow_library_is_a_part_of_the_sound_one(pairs, sound_pairs):
    [(sample, share)] = planted("depth")
    assert len(pairs[sample]) == round(share * len(sound_pairs[sample]))
    assert set(pairs[sample]) < set(sound_pairs[sample])


def test_the_wrong_strand_exchanges_mates(pairs, sound_pairs, truth):
    [(sample, _)] = planted("wrong_strand")
    # Where a mate runs into its adapter, they differ in that.
    exchanged = {(second[:WORD], first[:WORD]) for first, second in sound_pairs[sample]}
    assert {(first[:WORD], second[:WORD]) for first, second in pairs[sample]} == exchanged
    assert truth.loc[(sample, "wrong_strand"), "share"] > 0.9
    assert truth.loc[(SOUND[0], "wrong_strand"), "share"] == 0


def starts(pairs):
    """The reads as far as no adapter, which names the sample, is in them; in no order."""
    return sorted((first[:WORD], second[:WORD]) for first, second in pairs)


def test_swapped_samples_have_each_others_reads(faulty, pairs, sound_pairs, truth):
    one, other = "U266_pomalidomide_1", "MM1S_dmso_1"
    assert starts(pairs[one]) == starts(sound_pairs[other])
    assert starts(pairs[other]) == starts(sound_pairs[one])
    assert truth.loc[(one, "swapped"), "other"] == other
    assert truth.loc[(other, "swapped"), "other"] == one


def test_a_library_sequenced_twice_has_the_same_fragments_in_another_order(pairs):
    first, second = pairs["U266_lenalidomide_1"], pairs["U266_lenalidomide_2"]
    assert starts(first) == starts(second)
    in_place = [one[1] == other[1] for one, other in zip(first, second, strict=True)]
    assert np.mean(in_place) < 0.1


def test_sound_samples_are_the_same_as_without_faults(faulty, sound):
    for name in SOUND:
        for path in faulty.glob(f"reads/{name}_*"):
            assert path.read_bytes() == (sound / "reads" / path.name).read_bytes()


def test_the_truth_has_every_fault_and_the_counts_after_it(faulty, pairs, genes, truth):
    for sample, faults in FAULTS.items():
        for fault in faults:
            row = truth.loc[(sample, fault["kind"])]
            assert row["planted"] == fault.get("share", 1.0)
    assert (truth.loc[SOUND, "planted"] == 0).all()
    counts = read_table(faulty / "truth/counts.tsv", index="gene_id").drop(columns="gene_name")
    totals = read_table(faulty / "truth/samples.tsv", index="sample")
    assert totals["genic"].to_dict() == counts.sum().to_dict()
    for gene_class, names in CLASSES.items():
        members = genes.index[genes["gene_name"].isin(names)]
        for sample in [*SOUND, planted(gene_class)[0][0]]:
            share = counts.loc[members, sample].sum() / totals.loc[sample, "fragments"]
            assert share == pytest.approx(truth.loc[(sample, gene_class), "share"])
    assert totals["fragments"].to_dict() == {name: len(found) for name, found in pairs.items()}


def test_lines_have_their_own_variants(sound, sound_pairs):
    """A word around each variant, of the line's bases or of the reference's, looked up in reads."""
    variants = read_table(sound / "truth/variants.tsv")
    genome = read_genome(sound)
    own = variants[variants["cell_line"] == "U266"].reset_index(drop=True)
    assert len(own) == 300
    of_parent = variants[variants["cell_line"] == "U266_res"].reset_index(drop=True)
    assert of_parent.drop(columns="cell_line").equals(own.drop(columns="cell_line"))
    assert "MM1S" not in set(variants["cell_line"])
    spelt = {}
    for _, variant in own.iterrows():
        contig, at = genome[str(variant["contig"])], variant["position"] - 1
        assert contig[at] == variant["reference"] != variant["alternative"]
        for allele in ("reference", "alternative"):
            word = contig[at - 8 : at] + variant[allele] + contig[at + 1 : at + 9]
            spelt[word] = spelt[reverse_complement(word)] = (variant["genotype"], allele)
    for line in ["MM1S", "U266", "U266_res"]:
        seen = count_alleles(spelt, sound_pairs, line)
        for genotype, share in {"0/1": 0.5, "1/1": 1.0}.items():
            reference, alternative = (
                seen[genotype, allele] for allele in ("reference", "alternative")
            )
            expected = 0 if line == "MM1S" else share
            assert alternative / (reference + alternative) == pytest.approx(
                expected, abs=0.06 if expected == 0.5 else 0.01
            )


def count_alleles(spelt, pairs, line):
    """How often each allele's word is read in the samples of a line."""
    size = len(next(iter(spelt)))
    seen = Counter()
    for sample, found in pairs.items():
        if sample.rsplit("_", 2)[0] == line:
            for read in (read for pair in found for read in pair):
                ends = range(len(read) - size + 1)
                seen.update(spelt[word] for at in ends if (word := read[at : at + size]) in spelt)
    return seen


def test_wrong_faults_are_all_told_at_once(plan, tmp_path):
    faults = {
        "MM1S_dmso_9": [{"kind": "rRNA", "share": 0.1}],
        "MM1S_dmso_1": [
            {"kind": "rRMA", "share": 0.1},
            {"kind": "depth", "share": 2},
            {"kind": "depth"},
            {"kind": "swapped", "other": "MM1S_dsmo_2"},
        ],
    }
    with pytest.raises(InputError) as caught:
        make_synthetic({**copy.deepcopy(plan), "faults": faults}, TARGETS, tmp_path / "none")
    told = caught.value.problems
    assert len(told) == 5
    assert "faults: no sample MM1S_dmso_9" in told[0]
    assert "no kind of fault rRMA" in told[1]
    assert "the share is 2, not from 0 to 1" in told[2]
    assert "the share is None" in told[3]
    assert "no sample MM1S_dsmo_2" in told[4]
    assert not (tmp_path / "none").exists()
