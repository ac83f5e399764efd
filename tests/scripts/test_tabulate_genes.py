import tabulate_genes

GTF = """\
#!genome-build small
chr1\ttest\texon\t101\t200\t.\t+\t.\tgene_id "B"; transcript_id "b1"; gene_name "Bee"; gene_type "lncRNA";
chr1\ttest\texon\t301\t400\t.\t+\t.\tgene_id "B"; transcript_id "b1"; gene_name "Bee"; gene_type "lncRNA";
chr1\ttest\texon\t151\t350\t.\t+\t.\tgene_id "A"; transcript_id "a1"; gene_name "Aye"; gene_type "protein_coding";
chr1\ttest\texon\t351\t420\t.\t-\t.\tgene_id "C"; transcript_id "c1";
"""  # noqa: E501


def test_the_gene_table_has_id_name_biotype_and_length(tmp_path):
    (tmp_path / "annotation.gtf").write_text(GTF)
    table = tmp_path / "genes.tsv"
    tabulate_genes.main(["--gtf", str(tmp_path / "annotation.gtf"), "--output", str(table)])
    assert table.read_text() == (
        "gene_id\tgene_name\tbiotype\tlength\n"
        "A\tAye\tprotein_coding\t200\n"
        "B\tBee\tlncRNA\t200\n"
        "C\tC\tNA\t70\n"
    )
