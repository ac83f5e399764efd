"""Counts of a control and two drugs with planted effects, and the sidecars of their contrasts."""

from pathlib import Path

import numpy as np
import pandas as pd

from imid.differential.stored_model import write_model
from imid.evidence import compare_drugs
from imid.question.contrast_results import ContrastResult, write_result
from imid.shared.tables import write_table
from imid.synthetic.simulate_counts import TREATMENTS, usual_trend


def drawn_counts(effects: np.ndarray, means: np.ndarray, seed: int, scatter_sd: float = 0.5):
    """Three replicates of each treatment; effects are log2, genes × two drugs."""
    rng = np.random.default_rng(seed)
    group = np.repeat([0, 1, 2], 3)
    changes = np.column_stack([np.zeros(len(means)), effects])[:, group]
    mu = means[:, None] * 2**changes * np.exp(rng.normal(0, 0.25, len(group)))
    dispersion = usual_trend(means) * np.exp(rng.normal(0, scatter_sd, len(means)))
    counts = rng.poisson(rng.gamma(1 / dispersion[:, None], mu * dispersion[:, None]))
    treatment = np.array(TREATMENTS)[group]
    samples = [f"{name}_{number % 3 + 1}" for number, name in enumerate(treatment)]
    genes = pd.Index([f"ENSG{number:011d}" for number in range(len(means))], name="gene_id")
    metadata = pd.DataFrame({"treatment": treatment}, index=pd.Index(samples, name="sample"))
    return pd.DataFrame(counts, index=genes, columns=samples), metadata


def along_a_line(seed: int, slope: float, genes: int = 500, share=0.2, effect_sd=1.0):
    """Counts in which a share of the genes responds, the second drug `slope` times as far."""
    rng = np.random.default_rng([seed, 1])
    means = 100 * np.exp(rng.normal(0, 1.5, genes))
    effect = np.where(rng.random(genes) < share, rng.normal(0, effect_sd, genes), 0.0)
    return drawn_counts(np.column_stack([effect, slope * effect]), means, seed)


def run_command(folder: Path, fit, counts, samples, first: ContrastResult, second: ContrastResult):
    """Write what the command reads, run it, and read the table and the summary."""
    folder.mkdir(parents=True, exist_ok=True)
    write_model(fit, folder / "fit.npz")
    table = counts.reset_index()
    table.insert(1, "gene_name", table["gene_id"].str.replace("ENSG", "GENE"))
    write_table(table, folder / "counts.tsv")
    write_table(samples.reset_index(), folder / "samples.tsv")
    for place, words in [("first", first), ("second", second)]:
        write_result(words, folder / f"{place}.json")
    inputs = {"fit": "fit.npz", "counts": "counts.tsv", "samples": "samples.tsv"}
    files = {**inputs, "first": "first.json", "second": "second.json"}
    files |= {"table": "table.tsv", "summary": "summary.json"}
    compare_drugs.main([p for name, f in files.items() for p in (f"--{name}", str(folder / f))])
    return folder / "table.tsv", folder / "summary.json"
