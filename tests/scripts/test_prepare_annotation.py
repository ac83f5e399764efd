import pytest

import prepare_annotation

GTF = """\
#!genome-build small
chr1\ttest\texon\t101\t200\t.\t+\t.\tgene_id "B"; transcript_id "b1"; gene_name "Bee"; gene_type "lncRNA";
chr1\ttest\texon\t301\t400\t.\t+\t.\tgene_id "B"; transcript_id "b1"; gene_name "Bee"; gene_type "lncRNA";
chr1\ttest\texon\t151\t350\t.\t+\t.\tgene_id "A"; transcript_id "a1"; gene_name "Aye"; gene_type "protein_coding";
chr1\ttest\texon\t351\t420\t.\t-\t.\tgene_id "C"; transcript_id "c1";
"""  # noqa: E501


@pytest.fixture
def outputs(tmp_path):
    (tmp_path / "annotation.gtf").write_text(GTF)
    names = {"splice-sites": "splice_sites.tsv", "exons": "exons.bed"}
    arguments = ["--gtf", str(tmp_path / "annotation.gtf")]
    for option, name in names.items():
        arguments += [f"--{option}", str(tmp_path / name)]
    prepare_annotation.main(arguments)
    return {option: (tmp_path / name).read_text() for option, name in names.items()}


def test_splice_sites_are_lines_as_hisat2_reads_them(outputs):
    assert outputs["splice-sites"] == "chr1\t199\t300\t+\n"


def test_exons_are_a_bed_file_merged_across_genes_but_not_across_strands(outputs):
    assert outputs["exons"] == "chr1\t100\t400\t.\t0\t+\nchr1\t350\t420\t.\t0\t-\n"
