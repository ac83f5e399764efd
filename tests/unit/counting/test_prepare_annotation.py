import pytest

from imid.counting import prepare_annotation
from imid.counting.features import load_features
from imid.shared.problems import InputError
from imid.shared.tables import GENES, read_table

GTF = """\
#!genome-build small
chr1\ttest\texon\t101\t200\t.\t+\t.\tgene_id "B"; transcript_id "b1"; gene_name "Bee"; gene_type "lncRNA";
chr1\ttest\texon\t301\t400\t.\t+\t.\tgene_id "B"; transcript_id "b1"; gene_name "Bee"; gene_type "lncRNA";
chr1\ttest\texon\t151\t350\t.\t+\t.\tgene_id "A"; transcript_id "a1"; gene_name "Aye"; gene_type "protein_coding";
chr1\ttest\texon\t351\t420\t.\t-\t.\tgene_id "C"; transcript_id "c1";
"""  # noqa: E501


OUTPUTS = {
    "genes": "genes.tsv",
    "splice-sites": "splice_sites.tsv",
    "exons": "exons.bed",
    "features": "features.bin",
}


@pytest.fixture
def prepare(tmp_path):
    """Prepare a GTF given by its text; give the outputs by option."""

    def run(gtf, *options, outputs=OUTPUTS):
        (tmp_path / "annotation.gtf").write_bytes(gtf)
        arguments = ["--gtf", str(tmp_path / "annotation.gtf"), *options]
        for option, name in outputs.items():
            arguments += [f"--{option}", str(tmp_path / name)]
        prepare_annotation.main(arguments)
        return {option: tmp_path / name for option, name in outputs.items()}

    return run


@pytest.fixture
def outputs(prepare):
    return prepare(GTF.encode())


def test_the_gene_table_has_id_name_biotype_and_length(outputs):
    assert outputs["genes"].read_text() == (
        "gene_id\tgene_name\tbiotype\tlength\n"
        "A\tAye\tprotein_coding\t200\n"
        "B\tBee\tlncRNA\t200\n"
        "C\tC\tNA\t70\n"
    )


def test_the_gene_table_has_the_columns_of_the_published_one(outputs):
    assert list(read_table(outputs["genes"])) == GENES


def test_splice_sites_are_lines_as_hisat2_reads_them(outputs):
    assert outputs["splice-sites"].read_text() == "chr1\t199\t300\t+\n"


def test_exons_are_a_bed_file_merged_across_genes_but_not_across_strands(outputs):
    assert outputs["exons"].read_text() == "chr1\t100\t400\t.\t0\t+\nchr1\t350\t420\t.\t0\t-\n"


def test_features_are_the_genes_of_the_table(outputs):
    assert load_features(outputs["features"], True).ids == ["A", "B", "C"]


def test_what_is_not_asked_for_is_not_made(prepare, tmp_path):
    prepare(GTF.encode(), outputs={"genes": "genes.tsv"})
    assert {path.name for path in tmp_path.iterdir()} == {"annotation.gtf", "genes.tsv"}


def test_bytes_that_are_not_utf8_change_nothing_but_what_they_are_in(prepare, outputs):
    before = {option: path.read_bytes() for option, path in outputs.items()}
    after = prepare(GTF.replace("test", "Universit\xe9").encode("latin-1"))
    assert {option: path.read_bytes() for option, path in after.items()} == before


def test_nothing_is_written_of_an_annotation_that_is_damaged(prepare, tmp_path):
    with pytest.raises(InputError, match=r"annotation\.gtf, line 3: start and end of the exon"):
        prepare(GTF.replace("301", "3O1").encode())
    assert {path.name for path in tmp_path.iterdir()} == {"annotation.gtf"}


def test_exons_beyond_the_contigs_of_the_genome_are_told(prepare, tmp_path):
    index = tmp_path / "genome.fa.fai"
    index.write_text("chr1\t399\t6\t60\t61\n")
    with pytest.raises(
        InputError,
        match=r"annotation\.gtf, line 5: the exon ends at 420 on chr1, which has 399",
    ):
        prepare(GTF.encode(), "--genome-index", str(index))
