# Run edgeR's quasi-likelihood tests on a fit of ours: its size factors and dispersion trend.
#
# Rscript edger.R FOLDER
#   counts.tsv        genes x samples, first column the gene
#   design.tsv        samples x coefficients
#   contrast.tsv      weight
#   size_factors.tsv  size_factor
#   trend.tsv         dispersion, by gene
#   tests.tsv         written: p-values, and of what they are made
suppressPackageStartupMessages(library(edgeR))

folder <- commandArgs(trailingOnly = TRUE)[1]
read <- function(name, ...) read.delim(file.path(folder, name), check.names = FALSE, ...)
counts <- as.matrix(read("counts.tsv", row.names = 1))
design <- as.matrix(read("design.tsv"))
contrast <- read("contrast.tsv")$weight
trend <- read("trend.tsv")$dispersion

genes <- DGEList(counts)
factors <- read("size_factors.tsv")$size_factor / genes$samples$lib.size
genes$samples$norm.factors <- factors / exp(mean(log(factors)))
kept <- filterByExpr(genes, design = design)
fit <- glmQLFit(genes[kept, ], design, dispersion = trend[kept], robust = TRUE)
tests <- data.frame(
  gene = rownames(counts)[kept],
  p_value = glmQLFTest(fit, contrast = contrast)$table$PValue,
  threshold_p_value = glmTreat(fit, contrast = contrast, lfc = 1)$table$PValue,
  deviance = fit$deviance,
  posterior = fit$var.post
)
numeric <- vapply(tests, is.double, logical(1))
tests[numeric] <- lapply(tests[numeric], function(x) sprintf("%.15g", x))
write.table(tests, file.path(folder, "tests.tsv"), sep = "\t", quote = FALSE, row.names = FALSE)
