"""The counter gives the very output of htseq-count."""

import itertools
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pysam
import pytest

import random_alignments as chance
from imid.counting import bam, count_reads, counting
from imid.counting.features import main as prepare
from imid.shared.problems import InputError

HTSEQ_COUNT = Path(sys.executable).with_name("htseq-count")
STRANDED = ["yes", "no", "reverse"]


def htseq_count(*arguments) -> str:
    command = [str(HTSEQ_COUNT), "-q", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def ours(capsys, *arguments) -> str:
    count_reads.main(["-q", *map(str, arguments)])
    return capsys.readouterr().out


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An annotation, and random pairs and single reads in files."""
    folder = tmp_path_factory.mktemp("counting")
    rng = random.Random(3)
    chance.write_gtf(folder / "genes.gtf", rng)
    chance.write_bam(folder / "pairs.bam", chance.random_pairs(rng, 1500))
    chance.write_bam(folder / "singles.bam", chance.random_singles(rng, 1500))
    return folder


@pytest.mark.parametrize("reads", ["pairs", "singles"])
@pytest.mark.parametrize(("mode", "stranded"), [*itertools.product(counting.MODES, STRANDED)])
def test_output_is_that_of_htseq_count(folder, capsys, reads, mode, stranded):
    arguments = ["-m", mode, "-s", stranded, folder / f"{reads}.bam", folder / "genes.gtf"]
    assert ours(capsys, *arguments) == htseq_count(*arguments)


def test_every_counter_and_many_genes_are_hit(folder, capsys):
    table = ours(capsys, folder / "pairs.bam", folder / "genes.gtf")
    counts = dict(line.split("\t") for line in table.splitlines())
    assert all(int(counts[counter]) > 10 for counter in counts if counter.startswith("__"))
    genes = [int(count) for gene, count in counts.items() if not gene.startswith("__")]
    assert sum(count > 0 for count in genes) > 30


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("kind", [chance.random_pairs, chance.random_singles])
def test_audit_agrees_on_random_alignments(tmp_path, capsys, monkeypatch, seed, kind):
    """HTSeq's function, called for all records by the audit, on short stretches of many."""
    monkeypatch.setattr(bam, "STRETCH", 40_000)
    rng = random.Random(seed)
    gtf = chance.write_gtf(tmp_path / "genes.gtf", rng)
    reads = chance.write_bam(tmp_path / "reads.bam", kind(rng, 500))
    for mode, stranded in itertools.product(counting.MODES, STRANDED):
        ours(capsys, "-m", mode, "-s", stranded, "--audit", 10_000, reads, gtf)


@pytest.mark.parametrize("minimum", [0, 9, 10, 11, 256])
def test_minimum_quality(folder, capsys, minimum):
    arguments = ["-a", minimum, folder / "pairs.bam", folder / "genes.gtf"]
    assert ours(capsys, *arguments) == htseq_count(*arguments)


def test_other_features_and_ids(folder, capsys):
    arguments = ["-t", "CDS", "-t", "exon", "-i", "gene_id", "-i", "exon_number"]
    arguments += ["-d", ";", folder / "pairs.bam", folder / "genes.gtf"]
    assert ours(capsys, *arguments) == htseq_count(*arguments)


def test_sam_cram_and_standard_input(folder, capsys, tmp_path):
    expected = htseq_count(folder / "pairs.bam", folder / "genes.gtf")
    sam = tmp_path / "pairs.sam"
    pysam.view("-h", "-o", str(sam), str(folder / "pairs.bam"), catch_stdout=False)
    assert ours(capsys, sam, folder / "genes.gtf") == expected
    for path, kind in [(folder / "pairs.bam", "auto"), (sam, "sam")]:
        command = [sys.executable, "-m", count_reads.__name__, "-q", "-f", kind, "-"]
        with path.open("rb") as stream:
            run = subprocess.run(
                [*command, folder / "genes.gtf"], stdin=stream, capture_output=True, text=True
            )
        assert run.stdout == expected, run.stderr


@pytest.fixture(scope="module")
def prepared(folder):
    prepare(["--gtf", f"{folder}/genes.gtf", "--output", f"{folder}/features.npz"])
    return folder / "features.npz"


@pytest.mark.parametrize("stranded", STRANDED)
def test_prepared_features_give_the_same_whatever_the_strandedness(
    folder, prepared, capsys, stranded
):
    arguments = ["-s", stranded, folder / "pairs.bam"]
    assert ours(capsys, *arguments, prepared) == htseq_count(*arguments, folder / "genes.gtf")


def test_features_prepared_for_other_types_are_refused(folder, prepared, capsys):
    with pytest.raises(InputError, match="prepared with feature_types"):
        ours(capsys, "-s", "yes", "-t", "CDS", folder / "pairs.bam", prepared)


@pytest.mark.parametrize("reads", ["pairs", "singles"])
def test_no_reads_at_all(folder, capsys, tmp_path, reads):
    empty = chance.write_bam(tmp_path / "empty.bam", [])
    arguments = [empty, folder / "genes.gtf"]
    assert ours(capsys, *arguments) == htseq_count(*arguments)


def test_no_primary_records(folder, capsys, tmp_path):
    records = chance.random_pairs(random.Random(10), 5)
    for record in records:
        record.is_secondary = True
    reads = chance.write_bam(tmp_path / "secondary.bam", records)
    arguments = [reads, folder / "genes.gtf"]
    assert ours(capsys, *arguments) == htseq_count(*arguments)


def test_a_name_longer_than_many_stretches(folder, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(bam, "STRETCH", 10_000)
    rng = random.Random(5)
    records = chance.random_pairs(rng, 40)
    records += [record for _ in range(300) for record in chance.random_pair(rng, "one")]
    records += chance.random_pairs(rng, 40)
    reads = chance.write_bam(tmp_path / "reads.bam", records)
    arguments = [reads, folder / "genes.gtf"]
    assert ours(capsys, *arguments) == htseq_count(*arguments)


def consistent_pairs(rng, names):
    """Pairs as aligners write them: every mate there, and each saying of the other what is so."""
    records = []
    for number in range(names):
        one, two = (chance.random_record(rng, f"read.{number}", True) for _ in range(2))
        one.is_read1 = two.is_read2 = True
        two.reference_id = one.reference_id
        chance.link(one, two)
        chance.link(two, one)
        records += [one, two]
    return records


def sort_by_position(path, records, sort_order):
    records = sorted(records, key=lambda record: (record.reference_id, record.reference_start))
    with pysam.AlignmentFile(str(path), "wb", header=chance.header(sort_order)) as file:
        for record in records:
            file.write(record)
    return path


def test_sorted_by_position_is_collated(folder, capsys, tmp_path):
    records = consistent_pairs(random.Random(7), 400)
    collated = chance.write_bam(tmp_path / "collated.bam", records)
    expected = htseq_count(collated, folder / "genes.gtf")
    declared = sort_by_position(tmp_path / "declared.bam", records, "coordinate")
    assert ours(capsys, declared, folder / "genes.gtf") == expected
    assert htseq_count("-r", "pos", declared, folder / "genes.gtf") == expected
    undeclared = sort_by_position(tmp_path / "undeclared.bam", records, "unknown")
    assert ours(capsys, "-r", "pos", undeclared, folder / "genes.gtf") == expected
    with pytest.raises(InputError, match="are apart"):
        ours(capsys, undeclared, folder / "genes.gtf")


def test_shuffled_is_noticed(folder, capsys, tmp_path):
    rng = random.Random(8)
    records = consistent_pairs(rng, 300)
    rng.shuffle(records)
    shuffled = chance.write_bam(tmp_path / "shuffled.bam", records)
    with pytest.raises(InputError, match="are apart"):
        ours(capsys, shuffled, folder / "genes.gtf")


def test_truncated_files_that_samtools_reads_are_refused(folder, capsys, tmp_path):
    records = consistent_pairs(random.Random(7), 200)
    path = sort_by_position(tmp_path / "sorted.bam", records, "coordinate")
    path.write_bytes(path.read_bytes()[:-28])
    with pytest.raises(InputError, match="end-of-file block is missing"):
        ours(capsys, path, folder / "genes.gtf")
    sam = tmp_path / "pairs.sam"
    pysam.view("-h", "-o", str(sam), str(folder / "pairs.bam"), catch_stdout=False)
    text = sam.read_text().splitlines()
    sam.write_text("\n".join([*text[:900], text[900][:25]]))
    with pytest.raises(InputError, match="samtools view"):
        ours(capsys, sam, folder / "genes.gtf")
    sam.write_text("")
    with pytest.raises(InputError, match="empty"):
        ours(capsys, sam, folder / "genes.gtf")


@pytest.mark.parametrize("paired_first", [True, False])
def test_single_and_paired_reads_in_one_file_are_refused(folder, capsys, tmp_path, paired_first):
    rng = random.Random(9)
    pairs, singles = consistent_pairs(rng, 20), chance.random_singles(rng, 20)
    records = pairs + singles if paired_first else singles + pairs
    mixed = chance.write_bam(tmp_path / "mixed.bam", records)
    with pytest.raises(InputError, match="count them apart"):
        ours(capsys, mixed, folder / "genes.gtf")


def test_mates_of_no_order_are_refused(folder, capsys, tmp_path):
    records = consistent_pairs(random.Random(9), 20)
    records[-1].is_read1 = records[-1].is_read2 = False
    reads = chance.write_bam(tmp_path / "reads.bam", records)
    with pytest.raises(InputError, match="neither its first nor second"):
        ours(capsys, reads, folder / "genes.gtf")


def test_contigs_under_other_names_are_refused(folder, capsys, tmp_path):
    gtf = tmp_path / "other.gtf"
    gtf.write_text((folder / "genes.gtf").read_text().replace("\nc", "\nchr"))
    with pytest.raises(InputError, match=r"no contig in common: c1, c2, bare … and chr"):
        ours(capsys, folder / "pairs.bam", gtf)


def test_written_whole_or_not_at_all(folder, capsys, tmp_path):
    table = tmp_path / "counts.tsv"
    assert ours(capsys, "-c", table, folder / "pairs.bam", folder / "genes.gtf") == ""
    assert table.read_text() == htseq_count(folder / "pairs.bam", folder / "genes.gtf")


@pytest.mark.parametrize(
    "option",
    [
        ["--nonunique", "all"],
        ["-o", "x.sam"],
        ["--secondary-alignments", "score"],
        # What they tell would be written nowhere.
        ["--exons", "exons.bed"],
    ],
)
def test_what_is_not_supported_is_refused(folder, capsys, option):
    with pytest.raises(SystemExit):
        ours(capsys, *option, folder / "pairs.bam", folder / "genes.gtf")


def test_a_disagreement_stops_and_keeps_the_evidence(folder, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(counting, "IS_MATCH", ~counting.IS_MATCH)
    evidence = tmp_path / "evidence.bam"
    with pytest.raises(InputError, match=r"differ from HTSeq's") as stopped:
        ours(
            capsys, "--audit", 50, "--audit-evidence", evidence,
            folder / "pairs.bam", folder / "genes.gtf",
        )  # fmt: skip
    assert any("by HTSeq" in problem for problem in stopped.value.problems)
    with pysam.AlignmentFile(str(evidence)) as kept:
        assert len({record.query_name for record in kept}) == 50


def test_the_command_fails_in_words(folder, tmp_path):
    damaged = tmp_path / "damaged.bam"
    shutil.copy(folder / "pairs.bam", damaged)
    damaged.write_bytes(damaged.read_bytes()[:-28])
    run = subprocess.run(
        [sys.executable, "-m", count_reads.__name__, damaged, folder / "genes.gtf"],
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stdout) == (1, "")
    assert "end-of-file block is missing" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_full_standard_output_is_told(folder, monkeypatch):
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(OSError, match="No space left"):
            count_reads.main(["-q", str(folder / "pairs.bam"), str(folder / "genes.gtf")])
        monkeypatch.undo()
        with pytest.raises(OSError, match="No space left"):
            full.close()
