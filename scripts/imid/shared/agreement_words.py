"""What ``sample_agreement.tsv`` calls samples, by whether they sit with their replicates."""

AGREES, MINGLES, UNKNOWN = "agrees", "mingles", "not measurable"
SWAPPED, ELSEWHERE, FAILED, SAME = "swapped", "elsewhere", "failed", "same library"
ODD = [SWAPPED, ELSEWHERE, FAILED, SAME]
