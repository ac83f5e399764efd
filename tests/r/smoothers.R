# Write what R's lowess, loess and locfit make of some noisy curves.
#
# Rscript smoothers.R OUTPUT.tsv
suppressPackageStartupMessages(library(locfit))
set.seed(1)

x <- seq(0.1, 0.95, length = 50)
y <- round(500 + 300 * sin(3 * x) + rnorm(50, 0, 10))
y[20] <- y[20] + 200
one <- data.frame(smoother = "lowess", x, y, weight = 1, at = x, smooth = lowess(x, y, f = 1 / 5)$y)

x <- seq(0, 8, length = 200)
y <- (x - 1)^2 / (1 + x) + rnorm(200, 0, 0.02)
at <- sort(runif(200, 0, 8))
fit <- loess(y ~ x, span = 0.2)
two <- data.frame(smoother = "loess", x, y, weight = 1, at, smooth = predict(fit, at))

x <- rnorm(200, 5, 2)
y <- cos(x / 2) + rnorm(200, 0, 0.3)
at <- seq(min(x) - 2, max(x) + 2, length = 200)
weight <- exp(x)
fit <- locfit(y ~ x, weights = weight)
three <- data.frame(smoother = "locfit", x, y, weight, at, smooth = predict(fit, data.frame(x = at)))

table <- rbind(one, two, three)
table[-1] <- lapply(table[-1], function(v) sprintf("%.12g", v))
write.table(table, commandArgs(trailingOnly = TRUE)[1], sep = "\t", quote = FALSE, row.names = FALSE)
