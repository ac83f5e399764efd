import pandas as pd

from imid.shared.gene_labels import gene_labels


def test_genes_are_named_by_id_where_they_have_no_name():
    genes = pd.DataFrame({"gene_id": ["E1", "E2", "E3"], "gene_name": ["IRF4", None, ""]})

    assert gene_labels(genes).tolist() == ["IRF4", "E2", "E3"]
