# Fit DESeq2 and take three contrasts; print the CPU seconds of each.
#
# Rscript fit.R COUNTS SAMPLES
suppressPackageStartupMessages(library(DESeq2))
arguments <- commandArgs(trailingOnly = TRUE)
counts <- as.matrix(read.delim(arguments[1], row.names = 1))
samples <- read.delim(arguments[2], row.names = 1, stringsAsFactors = TRUE)
cpu <- function(expression) sum(system.time(expression)[c("user.self", "sys.self")])

fit <- cpu({
  dds <- DESeq(DESeqDataSetFromMatrix(counts, samples, ~treatment), quiet = TRUE)
})
contrasts <- cpu({
  results(dds, contrast = c("treatment", "lenalidomide", "dmso"), alpha = 0.05)
  results(dds, contrast = c("treatment", "pomalidomide", "dmso"), alpha = 0.05)
  results(dds, contrast = c("treatment", "pomalidomide", "lenalidomide"), alpha = 0.05)
})
cat(sprintf("fit\t%.3f\ncontrasts\t%.3f\n", fit, contrasts))
