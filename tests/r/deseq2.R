# Run R's DESeq2 as a user would and write down what every stage of it estimates.
#
# Rscript deseq2.R COUNTS SAMPLES DESIGN REFERENCES CONTRASTS OUTPUT SLOPES SIZE_FACTORS
#   COUNTS      tab-separated, genes x samples, first column the gene
#   SAMPLES     tab-separated, samples x factors, first column the sample
#   DESIGN      a formula, such as "~ batch + treatment"
#   REFERENCES  "factor=level,..." or ""
#   CONTRASTS   separated by ";", each "factor,numerator,denominator" or "0,1,-1"
#   OUTPUT      a folder: size_factors.tsv, genes.tsv, contrast_1.tsv ..., summary.tsv
#   SLOPES      columns of SAMPLES that are numbers, separated by ","
#   SIZE_FACTORS  "ratio" or "poscounts"; may be left out
suppressPackageStartupMessages(library(DESeq2))

arguments <- commandArgs(trailingOnly = TRUE)
output <- arguments[6]
size_factors <- if (length(arguments) < 8) "ratio" else arguments[8]
dir.create(output, showWarnings = FALSE, recursive = TRUE)
write_tsv <- function(table, name) {
  table <- data.frame(id = rownames(table), table, check.names = FALSE)
  numeric <- vapply(table, is.double, logical(1))
  table[numeric] <- lapply(table[numeric], function(x) sprintf("%.15g", x))
  write.table(table, file.path(output, name), sep = "\t", quote = FALSE, row.names = FALSE)
}

counts <- as.matrix(read.delim(arguments[1], row.names = 1, check.names = FALSE))
samples <- read.delim(arguments[2], row.names = 1, colClasses = "character")
slopes <- names(samples) %in% strsplit(arguments[7], ",")[[1]]
samples[slopes] <- lapply(samples[slopes], as.numeric)
samples[!slopes] <- lapply(samples[!slopes], factor)
for (reference in strsplit(arguments[4], ",")[[1]]) {
  pair <- strsplit(reference, "=")[[1]]
  samples[[pair[1]]] <- relevel(samples[[pair[1]]], pair[2])
}

cpu <- function(expression) sum(system.time(expression)[c("user.self", "sys.self")])
fit_seconds <- cpu({
  dds <- DESeqDataSetFromMatrix(counts, samples, formula(arguments[3]))
  dds <- DESeq(dds, quiet = TRUE, sfType = size_factors)
})
contrast_seconds <- 0
for (i in seq_along(contrasts <- strsplit(arguments[5], ";")[[1]])) {
  contrast <- strsplit(contrasts[i], ",")[[1]]
  if (!grepl("[A-Za-z]", contrasts[i])) contrast <- as.numeric(contrast)
  contrast_seconds <- contrast_seconds +
    cpu(tested <- results(dds, contrast = contrast, alpha = 0.05))
  write_tsv(as.data.frame(tested), sprintf("contrast_%d.tsv", i))
  for (alternative in c("greaterAbs", "greater", "less")) {
    thresholded <- results(dds, contrast = contrast, alpha = 0.05, lfcThreshold = 1,
                           altHypothesis = alternative)
    write_tsv(as.data.frame(thresholded), sprintf("contrast_%d.%s.tsv", i, alternative))
  }
}

write_tsv(data.frame(size_factor = sizeFactors(dds)), "size_factors.tsv")
write_tsv(as.data.frame(mcols(dds), row.names = rownames(dds)), "genes.tsv")
trend <- dispersionFunction(dds)
write_tsv(data.frame(
  value = c(fit = fit_seconds, contrasts = contrast_seconds,
            dispPriorVar = attr(trend, "dispPriorVar"),
            varLogDispEsts = attr(trend, "varLogDispEsts"), unlist(attr(trend, "coefficients")))
), "summary.tsv")
cat(attr(trend, "fitType"), "\n")
