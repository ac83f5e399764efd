# Size factors of DESeq2 over control genes alone: counts.tsv, control genes in lines, output.
suppressMessages(library(DESeq2))
paths <- commandArgs(trailingOnly = TRUE)
counts <- as.matrix(read.table(paths[1], header = TRUE, row.names = 1, sep = "\t"))
samples <- data.frame(sample = colnames(counts))
dataset <- DESeqDataSetFromMatrix(counts, samples, ~ 1)
controls <- rownames(counts) %in% readLines(paths[2])
factors <- sizeFactors(estimateSizeFactors(dataset, controlGenes = controls))
writeLines(sprintf("%s\t%.17g", names(factors), factors), paths[3])
