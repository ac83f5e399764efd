"""Gene sets of other genes than the experiment's."""

from imid.inputs.check_gene_sets import gene_set_findings

SETS = {"INTERFERON": ["ISG15", "MX1", "OAS1"], "MYC_TARGETS": ["MYC", "NPM1"]}


def test_sets_of_other_genes_are_refused():
    told = "sets.gmt: none of its 5 genes (ISG15, MX1, MYC) is a gene of the experiment (Irf4, Myc)"
    mouse = {"ENSMUSG1": "Irf4", "ENSMUSG2": "Myc"}
    assert gene_set_findings(SETS, "sets.gmt", mouse)[0] == [f"{told}, by gene_name or gene_id"]
    assert gene_set_findings(SETS, "sets.gmt", mouse | {"ENSG1": "MYC"}) == ([], [])
    assert gene_set_findings(SETS, "sets.gmt", {}) == ([], [])


def test_sets_of_ids_are_found_whatever_their_version():
    sets = {"A": ["ENSG00000136997.2"]}
    assert gene_set_findings(sets, "sets.gmt", {"ENSG00000136997.5": "MYC"}) == ([], [])
