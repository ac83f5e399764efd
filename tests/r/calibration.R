# Give R's DESeq2's false discovery rates for many experiments of the same samples, in one process.
#
# Rscript calibration.R FOLDER DESIGN CONTRAST
#   FOLDER    samples.tsv (samples x factors) and NAME.counts.tsv (genes x samples) for each
#             experiment; NAME.rates.tsv is written beside it, with a column for each threshold
#   DESIGN    a formula
#   CONTRAST  "factor,numerator,denominator" or "0,0,1"
suppressPackageStartupMessages(library(DESeq2))
arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
contrast <- strsplit(arguments[3], ",")[[1]]
if (!grepl("[A-Za-z]", arguments[3])) contrast <- as.numeric(contrast)
samples <- read.delim(file.path(folder, "samples.tsv"), row.names = 1, stringsAsFactors = TRUE)

for (path in list.files(folder, "counts.tsv$", full.names = TRUE)) {
  counts <- as.matrix(read.delim(path, row.names = 1, check.names = FALSE))
  dds <- DESeqDataSetFromMatrix(counts, samples, formula(arguments[2]))
  dds <- DESeq(dds, quiet = TRUE)
  rates <- sapply(c("0" = 0, "1" = 1), function(threshold) {
    results(dds, contrast = contrast, alpha = 0.05, lfcThreshold = threshold)$padj
  })
  write.table(data.frame(id = rownames(counts), rates, check.names = FALSE),
              sub("counts.tsv$", "rates.tsv", path), sep = "\t", quote = FALSE, row.names = FALSE)
}
