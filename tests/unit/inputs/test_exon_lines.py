"""Lines of a GTF: which are sound, and what is said of the others."""

import pytest

from imid.counting import gtf_rules
from imid.counting.annotation import read_genes
from imid.counting.gtf_rules import NO_IDS
from imid.inputs import exon_lines
from imid.inputs.exon_lines import ExonLines
from imid.shared.problems import InputError


def exon(attributes='gene_id "g"; transcript_id "t";', start="1", end="9", strand="+", contig="1"):
    return f"{contig}\tX\texon\t{start}\t{end}\t.\t{strand}\t.\t{attributes}".encode()


def seen(*lines, stranded=True):
    rules = ExonLines("a.gtf", stranded)
    rules.text(1, b"".join(line + b"\n" for line in lines))
    for number, line in enumerate(lines, start=1):
        rules.exon(number, line)
    return rules


def test_a_sound_exon_is_given_with_its_gene():
    columns, gene = ExonLines("a.gtf", True).exon(1, exon())
    assert (len(columns), gene) == (9, b"g")


BY_THE_RULES = [
    (exon(start="9", end="1"), gtf_rules.INVERTED),
    (exon(start="0"), gtf_rules.POSITION),
    (exon(start="-5"), gtf_rules.POSITION),
    (exon(start="1.5"), gtf_rules.POSITION),
    (exon(start="+1"), gtf_rules.POSITION),
    (exon(end="1_0"), gtf_rules.POSITION),
    (exon(end="1e3"), gtf_rules.POSITION),
    (exon(end="2147483648"), gtf_rules.TOO_FAR),
    (exon(end="9" * 5000), gtf_rules.TOO_FAR),
    (exon(start="9" * 5000), gtf_rules.INVERTED),
    (exon(strand="x"), gtf_rules.STRAND),
    (exon('transcript_id "t";'), gtf_rules.WITHOUT_ID.format("gene_id")),
    (exon("ID=e;Parent=t;gene_id=g"), gtf_rules.GFF3),
    *[
        (exon(f'gene_id "{name.decode()}"; exon_number 1'), gtf_rules.NO_ID)
        for name in sorted(NO_IDS)
    ],
    (exon('gene_id "g; transcript_id "t";'), gtf_rules.QUOTES),
    (exon("gene_id 'g'; transcript_id 't';"), gtf_rules.SINGLE_QUOTES),
    (exon('gene_id "g"; gene_id "h";'), gtf_rules.TWO_GENES),
    (exon().replace(b"\t", b"  "), gtf_rules.BLANKS),
    (exon().rpartition(b"\t")[0], gtf_rules.COLUMNS),
    (exon() + b"\tmore", gtf_rules.COLUMNS),
    (b"not a line", gtf_rules.COLUMNS),
]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        *BY_THE_RULES,
        (exon(strand="."), gtf_rules.WITHOUT_STRAND),
        (
            exon('gene_id "g"; source "Universit\u00e9";').replace(b"\xc3\xa9", b"\xe9"),
            exon_lines.NOT_UTF8,
        ),
        (exon() + b"\0", exon_lines.NUL),
        (b"# comment\rand more", exon_lines.OLD_MAC),
    ],
)
def test_a_fault_is_told_with_its_line(line, fault):
    assert seen(exon(), line).problems == [f"a.gtf, line 2: {fault}"]


@pytest.mark.parametrize(("line", "fault"), BY_THE_RULES)
def test_a_later_step_tells_the_same(tmp_path, line, fault):
    path = tmp_path / "a.gtf"
    path.write_bytes(exon() + b"\n" + line + b"\n")
    with pytest.raises(InputError) as refused:
        read_genes(path)
    assert refused.value.problems == [f"{path}, line 2: {fault}"]


def test_a_fault_of_many_lines_is_told_once():
    bad = exon(start="0")
    assert seen(bad, exon(), bad, bad).problems == [
        f"a.gtf, line 1: {gtf_rules.POSITION} (and so 2 more lines)"
    ]


def test_a_byte_order_mark_is_told():
    assert seen(b"\xef\xbb\xbf# comment", exon()).problems == [f"a.gtf, line 1: {exon_lines.MARK}"]


@pytest.mark.parametrize(
    "line",
    [
        b"# comment",
        b"",
        exon('gene_id "g"; ref_gene_id "h"; transcript_id "t"'),
        exon("gene_id g; transcript_id t"),
        exon('gene_id "g"; note "Universität; 5\' end";'.encode().decode()),
        exon('gene_id "nanA";'),
        exon() + b"\r",
        b"1\tX\tgene\t9\t1\t.\t.\t.\t",
    ],
)
def test_what_is_sound_or_nobody_reads_is_passed_over(tmp_path, line):
    assert seen(exon(), line).problems == []
    (tmp_path / "a.gtf").write_bytes(exon() + b"\n" + line + b"\n")
    assert read_genes(tmp_path / "a.gtf").start.tolist()[0] == 0


@pytest.mark.parametrize("attributes", ['gene_id "h" ; x 1', 'ref_gene_id "z"; gene_id "h" ;'])
def test_a_blank_after_the_quotes_makes_no_other_gene(tmp_path, attributes):
    """HTSeq has the quotes in the id."""
    (tmp_path / "a.gtf").write_bytes(exon(attributes) + b"\n")
    assert list(read_genes(tmp_path / "a.gtf").genes) == [b"h"]
    assert list(seen(exon(attributes)).home) == [b"h"]


def transcripts(pattern, number=10):
    return [
        exon(f'gene_id "{name}"; transcript_id "{name}";')
        for n in range(number)
        for name in [pattern.format(n)]
    ]


@pytest.mark.parametrize("pattern", ["ENST0000000{}", "NM_00{}", "uc00{}abc.1", "NR_00{}_dup1"])
def test_genes_that_are_transcripts_are_refused(pattern):
    (problem,) = seen(*transcripts(pattern)).problems
    assert problem.startswith("a.gtf: gene_id is transcript_id in 10 of 10 exons, as UCSC's")


def test_genes_of_one_transcript_each_are_a_warning():
    """As of yeasts and bacteria."""
    rules = seen(*transcripts("YAL00{}"))
    assert rules.problems == []
    assert rules.warnings[0].startswith("a.gtf: gene_id is transcript_id in 10 of 10 exons; where")


def test_genes_in_two_places_are_a_warning():
    h, i = ('gene_id "h"; transcript_id "t"', 'gene_id "i"; transcript_id "t"')
    rules = seen(exon(), exon(contig="X"), exon(h), exon(i), exon(i, strand="-"))
    assert rules.problems == []
    assert rules.warnings == [
        "a.gtf: 2 of 3 genes have exons on two contigs or strands (g, i); what lies in any of them"
        " counts for the gene"
    ]


def test_exons_without_a_transcript_are_a_warning():
    assert seen(exon(), exon('gene_id "g"')).warnings == [
        "a.gtf: 1 of 2 exons have no transcript_id; STAR leaves them out, and HISAT2 is told of no"
        " junctions of theirs"
    ]


def test_the_reach_of_each_contig():
    rules = seen(exon(end="5"), exon(end="20"), exon(end="7"), exon(end="8", contig="2"))
    assert rules.reach == {b"1": (20, 2), b"2": (8, 4)}
    assert rules.exons == 4
