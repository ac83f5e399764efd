# Give the prior variance that DESeq2 estimates from residuals of log dispersions.
#
# Rscript prior_variance.R RESIDUALS
#   RESIDUALS   tab-separated, a column for each case, named by its degrees of freedom and what
#               was planted, such as 2_1.5
suppressPackageStartupMessages(library(DESeq2))
table <- read.delim(commandArgs(trailingOnly = TRUE)[1], check.names = FALSE)
for (case in names(table)) {
  freedom <- as.integer(strsplit(case, "_")[[1]][1])
  # As many samples as leave those degrees of freedom to a design of two coefficients.
  condition <- factor(rep(c("a", "b"), length = freedom + 2))
  counts <- matrix(100L, nrow(table), freedom + 2)
  dds <- DESeqDataSetFromMatrix(counts, data.frame(condition), ~condition)
  sizeFactors(dds) <- rep(1, freedom + 2)
  mcols(dds)$dispGeneEst <- exp(table[[case]])
  mcols(dds)$dispFit <- 1
  trend <- function(means) rep(1, length(means))
  attr(trend, "varLogDispEsts") <- mad(table[[case]])^2
  dispersionFunction(dds, estimateVar = FALSE) <- trend
  variance <- estimateDispersionsPriorVar(dds, modelMatrix = model.matrix(~condition))
  cat(sprintf("%s\t%.15g\n", case, variance))
}
