"""One sample from FASTQ to counts, with every aligner: every read is accounted for, or it fails."""

import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from fastq_forms import FILES, NAMES, bgzip, members
from imid.reads.aligners import ALIGNERS
from imid.reads.findings import LineStrandedness
from imid.shared.json_files import write_json
from imid.shared.tables import read_table
from imid.synthetic.synthetic_genome import COMPLEMENT
from running import completed, copy_experiment, snakemake

pytestmark = pytest.mark.workflow

INDEX = {name: aligner.built_index(name) for name, aligner in ALIGNERS.items()}
SAMPLES = [f"MM1S_{drug}_{n}" for drug in ("dmso", "lenalidomide") for n in (1, 2)]


@pytest.fixture(scope="module")
def reference(small_synthetic, tmp_path_factory) -> Path:
    """The folder of the prepared reference, with an index of each aligner."""
    experiment = copy_experiment(small_synthetic, tmp_path_factory.mktemp("reads") / "experiment")
    folder = experiment / "results/reference"
    files = ["features.bin", "annotation.gtf", "exons.bed", "splice_sites.tsv"]
    completed(snakemake(experiment, *(f"results/reference/{name}" for name in files)))
    for name, aligner in ALIGNERS.items():
        index = f"results/reference/{name}/{aligner.index_files[0]}"
        completed(snakemake(experiment, index, "--config", f"aligner={name}"))
    return folder


@pytest.fixture
def align(reference, tmp_path):
    """Run the step over lanes of one or two mates, given as FASTQ texts."""

    def run(aligner, *lanes, name="sample", options=("--trim",), scratch=tmp_path):
        paths = [
            [tmp_path / f"{name}_{lane}_{mate}.fastq.gz" for mate, _ in enumerate(texts, start=1)]
            for lane, texts in enumerate(lanes, start=1)
        ]
        for files, texts in zip(paths, lanes, strict=True):
            for path, text in zip(files, texts, strict=True):
                path.write_bytes(text)
        mates = [list(map(str, files)) for files in zip(*paths, strict=True)]
        second = ["--second", *mates[1]] if len(mates) > 1 else []
        output = tmp_path / aligner / name
        line = tmp_path / "strandedness.json"
        finding = LineStrandedness("line", "reverse", "reverse", name, 100, 900, "it is reverse")
        write_json(finding, line)
        origin = {
            "reads": [str(path) for files in paths for path in files],
            "settings": {},
            "reference": {},
        }
        done = subprocess.run(
            [
                *[sys.executable, "-m", "imid.reads.align_sample", "--sample", name],
                *["--first", *mates[0], *second, "--aligner", aligner, *options],
                *["--index", reference / INDEX[aligner], "--features", reference / "features.bin"],
                *["--annotation", reference / "annotation.gtf", "--count-engine", "fast"],
                *["--splice-sites", reference / "splice_sites.tsv"],
                *["--exons", reference / "exons.bed", "--strandedness", line],
                *["--origin", json.dumps(origin)],
                *["--threads", "2", "--scratch", scratch, "--output", output],
            ],
            capture_output=True,
            text=True,
            timeout=120,
        )
        return SimpleNamespace(status=done.returncode, said=done.stderr, folder=output)

    return run


def counts(run) -> dict[str, int]:
    assert run.status == 0, run.said
    return read_table(run.folder / "counts.tsv", index="gene_id")["count"].to_dict()


def htseq_counts(run, gtf) -> dict[str, int]:
    """What htseq-count makes of the published alignments."""
    collated = run.folder / "collated.bam"
    subprocess.run(["samtools", "collate", "-o", collated, run.folder / "aligned.bam"], check=True)
    program = Path(sys.executable).with_name("htseq-count")
    options = ["--quiet", "--order", "name", "--stranded", "reverse"]
    done = subprocess.run([program, *options, collated, gtf], capture_output=True, check=True)
    return {n: int(c) for n, c in (line.split("\t") for line in done.stdout.decode().splitlines())}


def records(texts):
    """Names, bases and qualities of a FASTQ text."""
    lines = texts.split(b"\n")
    return list(zip(lines[0:-1:4], lines[1::4], lines[3::4], strict=True))


@pytest.fixture(scope="module")
def library(small_synthetic) -> list[list[tuple[bytes, bytes, bytes]]]:
    """The records of both mates of one sample."""
    mates = [sorted((small_synthetic / "reads").glob(f"{SAMPLES[0]}_L*_R{n}*")) for n in (1, 2)]
    return [records(b"".join(gzip.decompress(f.read_bytes()) for f in files)) for files in mates]


def written(library, mate, names, rows=slice(None), change=lambda bases, quality: (bases, quality)):
    """Some records of a mate under other names."""
    return b"".join(
        b"@%b\n%b\n+\n%b\n" % (names(n, mate).encode(), *change(bases, quality))
        for n, (_, bases, quality) in list(enumerate(library[mate - 1], start=1))[rows]
    )


def pairs(library, names=NAMES["CASAVA"], **options):
    return [gzip.compress(written(library, mate, names, **options), 1) for mate in (1, 2)]


def every_kind(library, mates):
    """A lane of each kind: in its own naming, kind of file, writing of bases and qualities."""
    changes = [
        lambda bases, quality: (bases, quality),
        lambda bases, quality: (bases.lower(), quality),
        lambda bases, quality: (bases, bytes(code + 31 for code in quality)),
    ]
    size = -(-len(library[0]) // len(NAMES))
    lanes = []
    for number, naming in enumerate(NAMES.values()):
        form, change = list(FILES.values())[number % len(FILES)], changes[number % len(changes)]
        rows = slice(number * size, (number + 1) * size)
        lanes.append(
            [form(written(library, mate, naming, rows=rows, change=change)) for mate in mates]
        )
    return lanes


@pytest.mark.parametrize("mates", [(1, 2), (1,)], ids=["pairs", "single reads"])
@pytest.mark.parametrize("aligner", ALIGNERS)
def test_one_set_of_reads_has_one_answer_in_every_form(align, reference, library, aligner, mates):
    plain = align(aligner, pairs(library)[: len(mates)], name="plain")
    expected = counts(plain)
    assert expected == htseq_counts(plain, reference / "annotation.gtf")
    assert sum(expected.values()) == len(library[0])
    assert counts(align(aligner, *every_kind(library, mates), name="every_kind")) == expected


@pytest.mark.parametrize("aligner", ALIGNERS)
@pytest.mark.parametrize("options", [["--trim"], []], ids=["trimmed", "as they are"])
def test_mates_named_by_dots_are_pairs(align, library, aligner, options):
    """HISAT2 takes them for reads of two names, and every gene is counted twice."""
    rows = slice(800)
    expected = counts(align(aligner, pairs(library, rows=rows), name="plain", options=options))
    dotted = pairs(library, NAMES["archive, split"], rows=rows)
    assert counts(align(aligner, dotted, name="dotted", options=options)) == expected


def odd_records(library):
    """Pairs of all lengths from 0 to 300, with N and dots, beside sound ones."""
    rng = np.random.default_rng(5)
    odd = [[], []]
    for n, both in enumerate(zip(*library, strict=True)):
        for mate, (_, bases, quality) in enumerate(both):
            bases, quality = bases * 3, quality * 3
            length = [len(bases) // 3, n % 301, int(rng.integers(0, 30))][n % 3]
            bases, quality = bases[:length], quality[:length]
            if n % 5 == 0:
                bases = bases.replace(b"AC", b"N.")
            odd[mate].append((b"", bases, quality))
    return odd


@pytest.mark.parametrize("aligner", ALIGNERS)
@pytest.mark.parametrize("options", [["--trim"], []], ids=["trimmed", "as they are"])
@pytest.mark.parametrize("mates", [2, 1], ids=["pairs", "single reads"])
def test_odd_reads_are_counted_as_htseq_counts_them(
    align, reference, library, aligner, options, mates
):
    odd = pairs(odd_records(library), rows=slice(1500))[:mates]
    run = align(aligner, odd, options=options)
    found = counts(run)
    assert found == htseq_counts(run, reference / "annotation.gtf")
    balance = read_table(run.folder / "reports/balance.tsv", index="stage")["number"]
    assert balance["sequenced"] == 1500
    aligned = balance["read by the aligner"]
    assert sum(found.values()) == aligned == 1500 if not options else aligned < 1500


# What must fail


def assert_refused(run, *words, kept=()):
    assert run.status == 1, run.said
    assert "Traceback" not in run.said
    for word in words:
        assert word in run.said.replace("\n", " ")
    assert [path.name for path in run.folder.iterdir()] == [*kept]


@pytest.mark.parametrize("aligner", ALIGNERS)
@pytest.mark.parametrize("place", [1, 1700, -1])
def test_a_record_with_a_short_quality_line_fails_the_sample(align, library, aligner, place):
    sound, other = pairs(library)
    lines = gzip.decompress(other).split(b"\n")
    row = 4 * (place % len(library[1])) + 3
    lines[row] = lines[row][:-5]
    damaged = members(b"\n".join(lines))
    number = place % len(library[1]) + 1
    run = align(aligner, [sound, damaged])
    assert_refused(run, f"sample_1_2.fastq.gz' is damaged at record {number}: it has 100 bases")


@pytest.mark.parametrize("aligner", ALIGNERS)
def test_mates_out_of_order_from_the_middle_fail_the_sample(align, library, aligner):
    turned = [library[0], [*library[1][:2000], *library[1][:1999:-1]]]
    text = b"".join(b"%b\n%b\n+\n%b\n" % record for record in turned[1])
    names = written(library, 1, lambda n, mate: library[0][n - 1][0].decode()[1:])
    run = align(aligner, [gzip.compress(names), gzip.compress(text)])
    assert_refused(run, "as record 2001", "mates are in the same order in both files")


@pytest.mark.parametrize("aligner", ALIGNERS)
def test_fewer_second_mates_fail_the_sample(align, library, aligner):
    sound, _ = pairs(library)
    fewer = pairs(library, rows=slice(2000))[1]
    run = align(aligner, [sound, fewer])
    assert_refused(run, f"holds 2000 reads, but fastq_1 {len(library[0])}")


def test_a_truncated_lane_fails_the_sample(align, library):
    first, second = (bgzip(gzip.decompress(text)) for text in pairs(library))
    run = align("hisat2", [first, second[: len(second) // 2]])
    assert_refused(run, "is truncated: its gzip stream ends early")


def test_interleaved_pairs_are_no_single_reads(align, library):
    both = zip(*library, strict=True)
    text = b"".join(b"%b\n%b\n+\n%b\n" % record for pair in both for record in pair)
    assert_refused(align("star", [gzip.compress(text)]), "one mate after the other")


@contextmanager
def small_disk(folder, kilobytes):
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", folder]
    if os.geteuid() or subprocess.run(mounting, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted: it takes root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("aligner", ALIGNERS)
@pytest.mark.parametrize("mates", [2, 1], ids=["pairs", "single reads"])
def test_a_full_scratch_disk_fails_the_sample(align, library, aligner, mates, tmp_path):
    with small_disk(tmp_path / "disk", 64) as disk:
        (disk / "fills it").write_bytes(bytes(60 * 1024))
        run = align(aligner, pairs(library)[:mates], scratch=disk)
    assert_refused(run, "no space is left on the disk", f"folder {disk}", "0.1 MB are free")


def test_a_chain_that_stands_still_is_ended(align, library, tmp_path, monkeypatch):
    """fastp is one that takes all reads and never gives any."""
    fastp = tmp_path / "bin/fastp"
    fastp.parent.mkdir()
    fastp.write_text("#!/bin/sh\ncat > /dev/null\nsleep 600\n")
    fastp.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fastp.parent}:{os.environ['PATH']}")
    run = align("star", pairs(library)[:1], options=["--trim", "--stall-minutes", "0.1"])
    assert_refused(run, "stood still for 0.1 minutes", "are free")


def test_a_trimmer_that_stops_early_and_calls_it_success_fails_the_sample(
    align, library, tmp_path, monkeypatch
):
    """As fastp does at a record that it does not like: status 0, and a report of what it read."""
    fastp = tmp_path / "bin/fastp"
    fastp.parent.mkdir()
    real = subprocess.run(["which", "fastp"], capture_output=True, text=True).stdout.strip()
    fastp.write_text(f'#!/bin/sh\n{{ head -n 4000; cat > /dev/null; }} | {real} "$@"\n')
    fastp.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fastp.parent}:{os.environ['PATH']}")
    total = len(library[0])
    run = align("hisat2", pairs(library)[:1])
    told = f"1000 reads read by trimming (fastp), but {total} sequenced"
    # The alignments are whole of what the aligner got.
    assert_refused(run, told, "sample_1_1.fastq.gz", kept=["failed"])


# One transcript that makes up a seventh of the library


ABUNDANT, TRANSCRIPT = 2200, 700


def transcript(small_synthetic, reference):
    """A gene that shares its place with no other, and 700 bases of it as they are transcribed."""
    genes = read_table(small_synthetic / "truth/genes.tsv", index="gene_id")
    contigs = {}
    genome = gzip.decompress((small_synthetic / "reference/genome.fa.gz").read_bytes()).decode()
    for part in genome.split(">")[1:]:
        name, *lines = part.split("\n")
        contigs[name.split()[0]] = np.frombuffer("".join(lines).encode(), np.uint8)
    exons = [line.split("\t") for line in (reference / "annotation.gtf").read_text().splitlines()]
    exons = [line for line in exons if len(line) > 8 and line[2] == "exon"]
    simple = genes.index[(genes["kind"] == "simple") & (genes["isoforms"] == 1)]
    for gene in simple:
        of_gene = [line for line in exons if f'"{gene}"' in line[8]]
        parts = sorted((int(line[3]) - 1, int(line[4])) for line in of_gene)
        bases = np.concatenate([contigs[of_gene[0][0]][start:end] for start, end in parts])
        if len(bases) >= TRANSCRIPT:
            bases = COMPLEMENT[bases][::-1] if of_gene[0][6] == "-" else bases
            return gene, bases[:TRANSCRIPT]
    raise AssertionError("no gene is long enough")


def abundant_pairs(bases, seed):
    """Pairs of one transcript, of a library that is reverse-stranded."""
    rng = np.random.default_rng(seed)
    texts = [[], []]
    for n in range(ABUNDANT):
        length = int(rng.integers(150, 400))
        start = int(rng.integers(0, len(bases) - length + 1))
        fragment = bases[start : start + length]
        for mate, read in enumerate((COMPLEMENT[fragment][::-1][:100], fragment[:100])):
            texts[mate].append(b"@ig%d\n%b\n+\n%b\n" % (n, read.tobytes(), b"F" * 100))
    return [b"".join(text) for text in texts]


@pytest.mark.parametrize("aligner", ALIGNERS)
def test_an_abundant_transcript_is_no_adapter(align, small_synthetic, reference, aligner):
    gene, bases = transcript(small_synthetic, reference)
    truth = read_table(small_synthetic / "truth/counts.tsv", index="gene_id")
    expected = ABUNDANT + truth.loc[gene, SAMPLES].sum()
    folder = small_synthetic / "reads"
    lanes = [
        [path.read_bytes(), path.with_name(path.name.replace("_R1.", "_R2.")).read_bytes()]
        for sample in SAMPLES
        for path in sorted(folder.glob(f"{sample}_L*_R1.fastq.gz"))
    ]
    shares = Counter()
    for seed in (1, 2):
        run = align(aligner, abundant_pairs(bases, seed), *lanes, name=f"s{seed}")
        found = counts(run)
        assert found[gene] == pytest.approx(expected, rel=0.01)
        balance = read_table(run.folder / "reports/balance.tsv", index="stage")["number"]
        shares[balance["left by trimming"] / balance["sequenced"]] += 1
    assert min(shares) > 0.995
