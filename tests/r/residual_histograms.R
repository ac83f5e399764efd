# Write the histograms that DESeq2's prior variance is compared with at 1, 2 and 3 residual
# degrees of freedom. DESeq2 draws them anew in every run, always from seed 2: they are
# constants. Base R suffices.
#
# Rscript residual_histograms.R OUTPUT.tsv
output <- commandArgs(trailingOnly = TRUE)[1]
breaks <- -20:20 / 2
rows <- list()
for (freedom in 1:3) {
  set.seed(2)
  for (variance in seq(0, 8, length = 200)) {
    residuals <- log(rchisq(10000, df = freedom)) + rnorm(10000, 0, sqrt(variance)) - log(freedom)
    residuals <- residuals[residuals > min(breaks) & residuals < max(breaks)]
    counted <- hist(residuals, breaks = breaks, plot = FALSE)$counts
    rows[[length(rows) + 1]] <- c(freedom, sprintf("%.10g", variance), counted)
  }
}
table <- do.call(rbind, rows)
colnames(table) <- c("degrees_of_freedom", "variance", sprintf("above_%g", head(breaks, -1)))
write.table(table, output, sep = "\t", quote = FALSE, row.names = FALSE)
