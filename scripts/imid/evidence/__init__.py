"""What the contrasts say: targets, verdicts, drugs and cell lines compared, gene sets."""
