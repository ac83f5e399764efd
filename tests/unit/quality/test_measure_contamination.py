"""Foreign reads that were planted are found by their name, and no others."""

import gzip
import random
import shutil

import pysam
import pytest

from imid.quality import measure_contamination, prepare_contaminants
from imid.quality.contaminant_fits import is_simple
from imid.quality.measured_sample import read_measured
from imid.reads import build_index
from imid.reads.aligners import ALIGNERS
from imid.shared.counters import COUNTERS
from imid.shared.problems import InputError

FRAGMENTS, UNALIGNED = 4000, 1000
LENGTH = 100
COMPLEMENT = str.maketrans("ACGT", "TGCA")
RNG = random.Random(14)


def bases(length, rng=RNG):
    return "".join(rng.choices("ACGT", weights=[3, 2, 2, 3], k=length))


def mutated(sequence, share):
    """Change so much of the bases."""
    return "".join(
        RNG.choice("ACGT".replace(base, "")) if RNG.random() < share else base for base in sequence
    )


# An operon that a genome has twice, and one of another species that has it, too.
OPERON = bases(1500)
GENOMES = {
    "mycoplasma": [bases(4000) + OPERON + bases(3000), "A" * 400 + bases(2000) + OPERON]
    + [bases(300) for _ in range(30)],
    "phix": [bases(5000)],
    "mouse": [bases(9000), bases(6000)],
    "rrna": [bases(3000)],
    "virus": [bases(4000)],
}
GENOMES["virus"][0] += GENOMES["phix"][0][1000:2500]


def fragment(sequence, rng=RNG, error=0.005):
    """A pair of reads of a sequence, from either strand."""
    length = rng.randint(150, min(300, len(sequence)))
    start = rng.randrange(len(sequence) - length + 1)
    piece = sequence[start : start + length]
    if rng.random() < 0.5:
        piece = piece.translate(COMPLEMENT)[::-1]
    return [
        mutated(read, error)
        for read in (piece[:LENGTH], piece.translate(COMPLEMENT)[::-1][:LENGTH])
    ]


@pytest.fixture(scope="module", params=ALIGNERS)
def prepared(request, tmp_path_factory):
    """The contaminants and their index, by each aligner."""
    aligner = ALIGNERS[request.param]
    if not all(map(shutil.which, aligner.programs)):
        pytest.skip(f"{aligner.title} is not on the PATH")
    folder = tmp_path_factory.mktemp(aligner.name)
    for name, contigs in GENOMES.items():
        text = "".join(f">c{n} of {name}\n{contig}\n" for n, contig in enumerate(contigs))
        (folder / f"{name}.fa.gz").write_bytes(gzip.compress(text.encode()))
    files = {"output": "all.fa", "annotation": "all.gtf", "splice-sites": "sites.tsv"}
    options = [part for key, file in files.items() for part in (f"--{key}", str(folder / file))]
    named = [f"{name}={folder / name}.fa.gz" for name in GENOMES]
    prepare_contaminants.main([*options, "--contaminants", *named])
    build_index.main(
        [
            *["--aligner", aligner.name, "--fasta", str(folder / "all.fa"), "--memory", "4000"],
            *["--lengths", str(folder / "all.fa.fai"), "--annotation", str(folder / "all.gtf")],
            *["--folder", str(folder / "index")],
        ]
    )
    return aligner, folder


def write_sample(folder, fragments, tags=()):
    """A BAM of unaligned fragments, filled up with what is of nothing, and its counts."""
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": "1", "LN": 1000}]}
    path = folder / "aligned.bam"
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for number, reads in enumerate(fragments):
            for mate, read in enumerate(reads):
                record = pysam.AlignedSegment(file.header)
                record.query_name, record.query_sequence = f"f{number}", read
                record.query_qualities = [35] * len(read)
                record.flag = (77, 141)[mate] if len(reads) > 1 else 4
                record.set_tags(list(tags))
                file.write(record)
    pysam.index(str(path))
    counts = {"gene": FRAGMENTS - UNALIGNED, **dict.fromkeys(COUNTERS, 0)}
    counts["__not_aligned"] = UNALIGNED
    lines = "".join(f"{name}\t{count}\n" for name, count in counts.items())
    (folder / "counts.tsv").write_text(lines)


def measure(prepared, folder, fragments, **sample):
    aligner, reference = prepared
    left = [[bases(LENGTH), bases(LENGTH)][: len(fragments[0])] for _ in range(UNALIGNED)]
    write_sample(folder, [*fragments, *left][:UNALIGNED], **sample)
    measure_contamination.main(
        [
            *["--sample", "s", "--contaminants", *GENOMES, "--aligner", aligner.name],
            *["--index", aligner.built_index(str(reference / "index"))],
            *["--fasta", str(reference / "all.fa"), "--annotation", str(reference / "all.gtf")],
            *["--splice-sites", str(reference / "sites.tsv"), "--scratch", str(folder)],
            *["--alignments", str(folder / "aligned.bam")],
            *["--counts", str(folder / "counts.tsv"), "--output", str(folder / "found.json")],
        ]
    )
    return read_measured(folder / "found.json")


def shares(found):
    return {name.removeprefix("contaminant_"): value for name, value in found.figures.items()}


NONE = {"mycoplasma": 0, "phix": 0, "mouse": 0, "rrna": 0, "other": 0}


@pytest.mark.parametrize("mates", [1, 2])
def test_mycoplasma_at_5_percent_is_found_and_named(prepared, tmp_path, mates):
    """From all of its sequences; those that stand in it twice count once."""
    genome = GENOMES["mycoplasma"]
    sources = [genome[0], genome[1][400:], OPERON, *genome[2:]]
    planted = [fragment(RNG.choice(sources))[:mates] for _ in range(200)]
    found = measure(prepared, tmp_path, planted)
    assert shares(found) == {**NONE, "mycoplasma": pytest.approx(0.05, abs=0.005)}
    assert found.notes["contaminant_mycoplasma"].startswith("mycoplasma: ")


def test_of_contaminants_without_a_figure_the_largest_is_named(prepared, tmp_path):
    planted = [fragment(GENOMES["virus"][0][:4000]) for _ in range(80)]
    found = measure(prepared, tmp_path, planted)
    assert shares(found) == {**NONE, "other": pytest.approx(0.02, abs=0.002)}
    assert found.notes["contaminant_other"].startswith("virus: ")


def test_what_fits_two_is_of_neither_and_told(prepared, tmp_path):
    planted = [fragment(GENOMES["phix"][0][1000:2500], error=0) for _ in range(80)]
    found = measure(prepared, tmp_path, planted)
    assert shares(found) == NONE
    for name in ["phix", "other"]:
        assert "2.000% that fit another contaminant as well" in found.notes[f"contaminant_{name}"]


def chimera(one, other):
    """A pair of which a half of each read is of one sequence."""
    return [a[:50] + b[:50] for a, b in zip(fragment(one), fragment(other), strict=True)]


ELSEWHERE = bases(20_000)
INNOCENT = {
    "of nothing": lambda: fragment(ELSEWHERE),
    "chimeric, half of it conserved": lambda: chimera(GENOMES["mouse"][0], ELSEWHERE),
    "similar, as a gene of man to that of mouse": lambda: [
        mutated(read, 0.12) for read in fragment(GENOMES["mouse"][0])
    ],
    "one mate alone": lambda: [fragment(GENOMES["mouse"][0])[0], fragment(ELSEWHERE)[1]],
    "tails of A, as a genome has them": lambda: ["A" * LENGTH, "T" * LENGTH],
    "cycles without light": lambda: ["G" * LENGTH, fragment(ELSEWHERE)[1]],
    "a repeat of two bases": lambda: ["CA" * 50, "TG" * 50],
}


@pytest.mark.parametrize("kind", INNOCENT)
def test_reads_that_are_no_contaminants_are_not_told_as_such(prepared, tmp_path, kind):
    planted = [INNOCENT[kind]() for _ in range(UNALIGNED)]
    found = shares(measure(prepared, tmp_path, planted))
    assert max(found.values()) < 1e-3


def test_reads_with_too_many_places_in_the_genome_are_of_it(prepared, tmp_path):
    """Of man, and conserved; but those of rRNA are what is looked for."""
    planted = [fragment(GENOMES[name][0]) for name in ["mouse", "rrna"] for _ in range(40)]
    found = measure(prepared, tmp_path, planted, tags=[("uT", "3", "A")])
    assert shares(found) == {**NONE, "rrna": pytest.approx(0.01, abs=0.001)}


def test_a_sample_of_which_all_is_aligned_has_none(prepared, tmp_path, monkeypatch):
    write = write_sample
    monkeypatch.setitem(globals(), "write_sample", lambda folder, *_, **__: write(folder, []))
    assert shares(measure(prepared, tmp_path, [["A", "A"]])) == NONE


def test_a_part_of_the_fragments_is_looked_at_with_both_mates(tmp_path):
    write_sample(tmp_path, [fragment(ELSEWHERE) for _ in range(UNALIGNED)])
    found = measure_contamination.unaligned_fragments(tmp_path / "aligned.bam", 100)
    assert 60 < len(found.reads) < 150
    assert {len(mates) for mates in found.reads.values()} == {2}
    numbers = sorted(int(name[1:]) for name in found.reads)
    assert numbers[0] < 100
    assert numbers[-1] > 900


@pytest.mark.parametrize("share", [0.14, 0.2])
def test_a_genome_rich_in_a_and_t_is_not_simple(share):
    rng = random.Random(1)
    weights = [0.5 - share, share, share, 0.5 - share]
    reads = ["".join(rng.choices("ACGT", weights=weights, k=100)) for _ in range(500)]
    assert not any(map(is_simple, reads))
    assert is_simple(reads[0][:60] + "G" * 40)


def test_a_contaminant_that_is_no_fasta_any_more_is_refused(tmp_path):
    (tmp_path / "a.fa").write_text(">a\nACGT\n>a\nACGT\n")
    files = [str(tmp_path / name) for name in ["o.fa", "o.gtf", "o.tsv"]]
    options = zip(["--output", "--annotation", "--splice-sites"], files, strict=True)
    words = [word for option in options for word in option]
    with pytest.raises(InputError, match=r"a\.fa has a sequence twice: a"):
        prepare_contaminants.main([*words, "--contaminants", f"phix={tmp_path / 'a.fa'}"])
