"""The session of IGV: what it opens is there, in its colours, wherever the folder lies."""

import shutil
from xml.etree import ElementTree

import pysam
import pytest

from imid.reads.findings import LineStrandedness
from imid.shared.json_files import as_json, write_json
from imid.shared.problems import InputError
from imid.tracks import index_annotation, write_session

SAMPLES = {
    "A_len_1": ("A", "lenalidomide"),
    "A_dmso_1": ("A", "dmso"),
    "B <&> 1": ("B", "lenalidomide"),
}
STRANDEDNESS = {"A": "reverse", "B": "no"}
TRACKS = {"A": ["plus", "minus"], "B": ["both"]}
COLOURS = {"dmso": "#7F7F7F", "lenalidomide": "#0072B2"}
GTF = (
    "#!a comment\n"
    'chr2\tX\texon\t501\t600\t.\t-\t.\tgene_id "ENSG02.3"; gene_name "MYC"; transcript_id "m";\n'
    'chr2\tX\texon\t301\t400\t.\t-\t.\tgene_id "ENSG02.3"; gene_name "MYC"; transcript_id "m";\n'
    'chr1\tX\texon\t11\t20\t.\t+\t.\tgene_id "ENSG00000000001.7"; transcript_id "i";\n'
    'chr1\tX\texon\t1\t9\t.\t+\t.\tgene_id "ENSG00000000001.7"; transcript_id "i";\n'
    'chrY\tX\texon\t7\t8\t.\t+\t.\tgene_id "ENSG00000000001.7"; transcript_id "y";'
)
# With a comment and a blank in a cell, as the check lets them pass.
PANEL = (
    "# a panel\ngene_id\tgene_name\taliases\nENSG00000000001\tIRF4 \t\nENSG00000000001\tIRF4\t\n"
    "ENSG09\tMYC\t\nENSG77\tNONE\t\n"
)


@pytest.fixture
def results(tmp_path):
    """Results of which the session names the files, and the session."""
    folder = tmp_path / "results"
    for sample, (line, _) in SAMPLES.items():
        for file in ["aligned.bam", *(f"tracks/{strand}.bw" for strand in TRACKS[line])]:
            (folder / "samples" / sample / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / "samples" / sample / file).touch()
    (folder / "reference").mkdir()
    (folder / "reference/genome.fa").touch()
    (folder / "reference/annotation.gtf").write_text(GTF)
    (folder / "reference/annotation.gtf.gz").touch()
    (folder / "panel.tsv").write_text(PANEL)
    for line, kind in STRANDEDNESS.items():
        finding = LineStrandedness(line, kind, kind, "sample", 9, 1, "it is so")
        write_json(finding, folder / f"{line}.json")
    rows = [{"sample": s, "cell_line": c, "treatment": t} for s, (c, t) in SAMPLES.items()]
    of_samples = [folder / "samples" / sample for sample in SAMPLES]
    write_session.main(
        [
            *["--samples", as_json(rows), "--colours", as_json(COLOURS)],
            *["--alignments", *(str(path / "aligned.bam") for path in of_samples)],
            *["--tracks", *(str(path / "tracks") for path in of_samples)],
            *["--strandedness", *(str(folder / f"{line}.json") for line in STRANDEDNESS)],
            *["--genome", str(folder / "reference/genome.fa")],
            *["--annotation", str(folder / "reference/annotation.gtf")],
            *["--indexed-annotation", str(folder / "reference/annotation.gtf.gz")],
            *["--panel", str(folder / "panel.tsv"), "--output", str(folder / "igv_session.xml")],
        ]
    )
    return folder


def session_of(folder):
    return ElementTree.parse(folder / "igv_session.xml").getroot()


def test_all_that_it_opens_is_there_also_after_the_folder_was_moved(results, tmp_path):
    moved = tmp_path / "elsewhere"
    shutil.move(results, moved)
    session = session_of(moved)
    named = [session.get("genome"), *(found.get("path") for found in session.iter("Resource"))]
    assert all((moved / name).exists() for name in named)
    assert len(named) == 1 + 1 + 5 + 3
    assert str(tmp_path) not in (moved / "igv_session.xml").read_text()


def test_each_file_that_is_loaded_is_shown_once(results):
    """IGV shows no track that no panel names."""
    session = session_of(results)
    shown = [track.get("id") for track in session.iter("Track")]
    assert len(shown) == len(set(shown))
    loaded = {found.get("path") for found in session.iter("Resource")}
    coverage = {f"{path}_coverage" for path in loaded if path.endswith(".bam")}
    assert set(shown) == {"Reference sequence", *loaded, *coverage}


def test_samples_are_grouped_and_coloured_by_treatment(results):
    panels = {panel.get("name"): panel for panel in session_of(results).iter("Panel")}
    assert [*panels][:2] == ["dmso", "lenalidomide"]
    of_drug = [(track.get("name"), track.get("color")) for track in panels["lenalidomide"]]
    names = ["A_len_1 +", "A_len_1 −", "B <&> 1"]
    assert of_drug == [(name, "0,114,178") for name in names]
    assert [track.get("color") for track in panels["dmso"]] == ["127,127,127"] * 2


def test_tracks_of_one_strand_share_a_scale(results):
    scales = {}
    for track in session_of(results).iter("Track"):
        if track.get("id").endswith(".bw"):
            scales.setdefault(track.get("id").rpartition("/")[2], set()).add(
                track.get("autoscaleGroup")
            )
    assert scales == {"plus.bw": {"1"}, "minus.bw": {"2"}, "both.bw": {"1"}}


def test_the_panels_genes_are_regions_and_the_first_is_seen(results):
    """By id without version, else by symbol; a gene that the annotation lacks is none."""
    session = session_of(results)
    regions = [
        tuple(region.get(key) for key in ["description", "chromosome", "start", "end"])
        for region in session.iter("Region")
    ]
    assert regions == [("IRF4", "chr1", "0", "20"), ("MYC", "chr2", "300", "600")]
    assert session.get("locus") == "chr1:1-22"


def test_an_annotation_is_read_by_place(tmp_path):
    (tmp_path / "a.gtf").write_text(GTF)
    output = tmp_path / "a.gtf.gz"
    options = ["--gtf", str(tmp_path / "a.gtf"), "--scratch", str(tmp_path)]
    index_annotation.main([*options, "--output", str(output)])
    with pysam.TabixFile(str(output)) as file:
        assert file.contigs == ["chr1", "chr2", "chrY"]
        assert [row.split("\t")[3] for row in file.fetch("chr2")] == ["301", "501"]
        assert [row.split("\t")[3] for row in file.fetch("chr2", 450, 900)] == ["501"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.gtf", "a.gtf.gz", "a.gtf.gz.tbi"]


def test_a_sort_that_fails_is_told(tmp_path, monkeypatch):
    """However early: what it was given is more than a pipe holds."""
    monkeypatch.setattr(index_annotation, "SORT", ["sort", "--key=none"])
    gtf = tmp_path / "annotation.gtf"
    gtf.write_text(GTF * 1000)
    output = tmp_path / "annotation.gtf.gz"
    with pytest.raises(InputError, match="sort ended with status 2"):
        index_annotation.index_annotation(gtf, output, tmp_path)
    assert [*tmp_path.iterdir()] == [gtf]
