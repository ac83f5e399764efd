"""RNA-seq of immunomodulatory drugs in myeloma: what the steps of the workflow compute."""
