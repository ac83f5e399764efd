"""What a sample's counts consist of: planted shares are found, and saturation is as drawn."""

import json

import numpy as np
import pandas as pd
import pytest

from imid.quality.gene_classes import members
from imid.quality.measure_counts import main, measure_counts
from imid.quality.saturation import DEPTHS, genes_expected
from imid.shared.counters import COUNTERS

# Of Ensembl and GENCODE, then of RefSeq, then those that only look like one.
ENSEMBL = {
    "RNA5-8SN1": ("rRNA", "rrna"),
    "MT-RNR1": ("Mt_rRNA", "mitochondrial"),
    "MT-ND1": ("protein_coding", "mitochondrial"),
    "IGHG1": ("IG_C_gene", "immunoglobulin"),
    "HBA1": ("protein_coding", "haemoglobin"),
}
REFSEQ = {
    "RNA45SN5": ("rRNA", "rrna"),
    "RNR2": ("rRNA", "mitochondrial"),
    "COX1": ("protein_coding", "mitochondrial"),
    "IGKC": ("C_region", "immunoglobulin"),
    "IGLV2-14": ("V_segment", "immunoglobulin"),
}
OTHERS = ["IGHMBP2", "IGLON5", "IGF1R", "TRBC1", "HBP1", "HBS1L", "MTOR", "RNASE4", "ATP6V0A1"]


def gene_table(kinds):
    rows = [(f"G{n}", name, biotype) for n, (name, (biotype, _)) in enumerate(kinds.items())]
    return pd.DataFrame(rows, columns=["gene_id", "gene_name", "biotype"])


@pytest.mark.parametrize("annotation", [ENSEMBL, REFSEQ])
def test_genes_are_known_as_each_annotation_names_them(annotation):
    found = members(gene_table(annotation))
    for name, is_member in found.items():
        expected = [kind == name for _, kind in annotation.values()]
        assert is_member.tolist() == expected, name


def test_genes_whose_names_begin_alike_are_of_no_class():
    found = members(gene_table(dict.fromkeys(OTHERS, ("protein_coding", ""))))
    assert not pd.DataFrame(found).any(axis=None)


def test_of_a_matrix_without_biotypes_symbols_tell():
    genes = gene_table(ENSEMBL).assign(biotype=None)
    assert [is_member.sum() for is_member in members(genes).values()] == [2, 1, 1, 1]


@pytest.mark.parametrize("kind", ["rrna", "immunoglobulin", "haemoglobin", "mitochondrial"])
@pytest.mark.parametrize("share", [0.3, 0.02])
def test_a_planted_share_is_found(kind, share):
    genes = gene_table({**ENSEMBL, **dict.fromkeys(OTHERS, ("protein_coding", ""))})
    counts = pd.Series(1000, index=genes["gene_id"]).mask(
        np.array([kind == k for _, k in ENSEMBL.values()] + [False] * len(OTHERS)), 0
    )
    first = genes.index[[k == kind for _, k in ENSEMBL.values()] + [False] * len(OTHERS)][0]
    counts.iloc[first] = round(counts.sum() * share / (1 - share))
    measured = measure_counts("a", counts, genes)
    assert measured.figures[kind] == pytest.approx(share, abs=1e-4)


def test_what_the_annotation_has_no_gene_of_is_absent_and_told():
    genes = gene_table({"MYC": ("protein_coding", "")})
    measured = measure_counts("a", pd.Series([5], index=["G0"]), genes)
    assert measured.figures.keys().isdisjoint({"rrna", "haemoglobin"})
    assert "no gene" in measured.notes["rrna"]


def test_spike_ins_are_a_share_where_they_are_named():
    genes = gene_table(dict.fromkeys(["MYC", "ERCC1", "ERCC-00002"], ("protein_coding", "")))
    counts = pd.Series([60, 15, 25], index=genes["gene_id"])
    assert measure_counts("a", counts, genes, "^ERCC-").figures["spike_ins"] == 0.25
    # By its id, too, of which the gene table knows nothing.
    assert measure_counts("a", counts, genes, "^G0$").figures["spike_ins"] == 0.6
    assert "spike_ins" not in measure_counts("a", counts, genes).figures
    unnamed = measure_counts("a", counts, genes, "^SIRV")
    assert "spike_ins" not in unnamed.figures
    assert unnamed.notes["spike_ins"] == "no gene is known for one by its id or symbol"


def test_the_highest_genes_and_those_seen():
    counts = pd.Series([*range(200), 10_000], index=[f"G{n}" for n in range(201)])
    genes = pd.DataFrame({"gene_id": counts.index, "gene_name": "x", "biotype": "lncRNA"})
    figures = measure_counts("a", counts, genes).figures
    total = counts.sum()
    assert figures["top_1"] == pytest.approx(10_000 / total)
    assert figures["top_10"] == pytest.approx((10_000 + sum(range(191, 200))) / total)
    assert [figures[f"genes_{least}"] for least in (1, 5, 10)] == [200, 196, 191]


def test_a_sample_without_a_fragment_is_measured_as_far_as_it_can_be():
    genes = gene_table(ENSEMBL)
    measured = measure_counts("a", pd.Series(0, index=genes["gene_id"]), genes)
    assert measured.figures == {"genes_1": 0, "genes_5": 0, "genes_10": 0}
    assert measured.notes


@pytest.mark.parametrize("least", [1, 10])
def test_genes_expected_at_a_depth_are_those_of_many_draws(least):
    rng = np.random.default_rng(1)
    counts = rng.negative_binomial(0.4, 0.03, size=2000)
    for depth in [0.1, 0.5, 0.9]:
        drawn = [(rng.binomial(counts, depth) >= least).sum() for _ in range(300)]
        # Four times the error of a mean of draws.
        off = 4 * np.std(drawn) / len(drawn) ** 0.5
        assert genes_expected(counts, depth, least) == pytest.approx(np.mean(drawn), abs=off)
    assert genes_expected(counts, 1.0, least) == (counts >= least).sum()


def test_what_the_last_tenth_adds_is_on_the_curve():
    counts = pd.Series([1] * 50 + [1000] * 50, index=[f"G{n}" for n in range(100)])
    genes = pd.DataFrame({"gene_id": counts.index, "gene_name": "x", "biotype": "lncRNA"})
    measured = measure_counts("a", counts, genes)
    curve = dict(zip(DEPTHS, measured.curves["genes_1_by_depth"], strict=True))
    assert curve[0.9] == pytest.approx(95)
    assert measured.figures["new_genes"] == pytest.approx(0.05)


@pytest.mark.parametrize("source", ["--counts", "--matrix"])
def test_a_matrix_gives_what_a_table_of_the_sample_does(tmp_path, source):
    gene_table(ENSEMBL).assign(length=100).to_csv(tmp_path / "genes.tsv", sep="\t", index=False)
    own = [f"G{n}\t{n * 10}" for n in range(5)]
    (tmp_path / "--counts").write_text("\n".join([*own, *(f"{name}\t7" for name in COUNTERS), ""]))
    rows = [f"G{n}\tname\t{n * 10}\t9" for n in range(5)]
    (tmp_path / "--matrix").write_text("\n".join(["gene_id\tgene_name\t01\tother", *rows, ""]))
    out = tmp_path / "out.json"
    given = ["--sample", "01", source, str(tmp_path / source), "--output", str(out)]
    main([*given, "--genes", str(tmp_path / "genes.tsv")])
    figures = json.loads(out.read_text())["figures"]
    assert figures["haemoglobin"] == pytest.approx(0.4)
    assert figures["genes_1"] == 4
