"""Say of the experiment as a whole whether the drugs did what they do: a heuristic.

A few questions with an answer each, the numbers it rests on, and the rule it follows. The rules
are rough, and a no may have a good reason; which one is for the reader to find.
"""

import argparse
from pathlib import Path

import pandas as pd
from scipy.special import stdtrit

from imid.differential.fitted_model import FittedModel
from imid.differential.stored_model import read_model
from imid.evidence.activities import INTERFERON, PANEL_GROUP
from imid.evidence.agreement import SMALL_CHANGE
from imid.evidence.expression_ratio import change_of_ratio
from imid.evidence.replicate_agreement import replicate_agreement
from imid.evidence.target_verdicts import Measured, moved
from imid.question.contrast_results import ContrastResult, read_result
from imid.question.panel_settings import drug_of, setting_in_words, setting_of
from imid.shared.problems import reported
from imid.shared.tables import VERDICT, read_table, write_table

# What is asked after, by the panel's names.
LIGASE = "CRBN"
FALLING = ["IRF4", "MYC"]
# RANKL and the decoy that takes it away: in stroma their ratio says more than either.
RATIO = ("TNFSF11", "TNFRSF11B")

EXPRESSED_TPM = 1.0
EXPRESSED_READS = 10.0
LEVEL = 0.05

EXPRESSION_RULE = (
    "yes: at least {level} in every control sample; no: in none; unclear: in some. Heuristic."
)
FALL_RULE = (
    f"yes: a fall of {SMALL_CHANGE} log2 units or more with an FDR below the config's; slightly: a"
    " smaller one with such an FDR; no: a rise with such an FDR, or the 95 % interval excludes a"
    f" fall of {SMALL_CHANGE}; unclear: none of these. The verdicts of the targets follow the same"
    " rule. Heuristic."
)
RISE_RULE = (
    "The change of the samples' scores, as in activities.tsv: each sample's weighted mean of the"
    " genes' transformed counts, tested over the replicates by a t-test. yes: above 0, and"
    f" one-sided p < {LEVEL:g} whichever one gene is left out; no: not so, and the one-sided 95 %"
    f" bound is below {SMALL_CHANGE} log2 units; unclear: neither. Heuristic."
)
RATIO_RULE = (
    "The change of the log2 ratio, which is taken in each sample, so that the covariance of the two"
    " genes is in its scatter; the 95 % interval is Student's t over the replicates. yes: the"
    f" interval excludes 0; no: it lies within {SMALL_CHANGE} log2 units of 0; unclear: neither."
    " Asked where both could be tested. Heuristic."
)


def answer_row(question: str, contrast: str | None, answer: str, evidence: str, rule: str) -> dict:
    """Write one row of the verdict."""
    return dict(zip(VERDICT, [question, contrast, answer, evidence, rule], strict=True))


def is_expressed(
    targets: pd.DataFrame, expression: pd.DataFrame, controls: pd.DataFrame, unit: str, level: float
) -> list[dict]:
    """Ask in each cell line whether cereblon is expressed without a drug.

    Parameters
    ----------
    targets : DataFrame
        The targets table.
    expression : DataFrame
        TPM or normalized counts, genes × samples.
    controls : DataFrame
        The samples of the control treatment.
    unit : str
        What `expression` is in.
    level : float
        From where on a gene counts as expressed.

    Returns
    -------
    list of dict
        A row for each cell line.
    """
    rule = EXPRESSION_RULE.format(level=f"{level:g} {unit}")
    gene = targets.loc[targets["gene_name"] == LIGASE, "gene_id"].iloc[:1]
    rows = []
    for line, members in controls.groupby("cell_line", sort=False):
        question = f"Is {LIGASE} expressed in {line}?"
        if not gene.isin(expression.index).any():
            why = f"{LIGASE} is not among the targets that were counted"
            rows.append(answer_row(question, None, "not measurable", why, rule))
            continue
        values = expression.loc[gene.item(), members["sample"]]
        if values.isna().any():
            why = f"{' and '.join(values.index[values.isna()])} has no value: no read was counted"
            rows.append(answer_row(question, None, "not measurable", why, rule))
            continue
        enough = values >= level
        answer = "yes" if enough.all() else "unclear" if enough.any() else "no"
        evidence = f"{'; '.join(f'{value:,.1f}' for value in values)} {unit} in the control samples"
        rows.append(answer_row(question, None, answer, evidence, rule))
    return rows


def did_fall(name: str, targets: pd.DataFrame, result: ContrastResult, this_is: str) -> dict:
    """Ask whether a target's mRNA fell in a contrast.

    Parameters
    ----------
    name : str
        The target.
    targets : DataFrame
        The targets table's rows of the contrast.
    result : ContrastResult
        What came of the contrast.
    this_is : str
        The experiment's setting, in words.

    Returns
    -------
    dict
        A row of the verdict.
    """
    question, contrast = f"Did {name} fall?", result.name
    found = targets[targets["gene_name"] == name]
    if found.empty or found["status"].item() != "tested":
        why = found["reason"].item() if len(found) else f"{name} is not in the panel"
        return answer_row(question, contrast, "not measurable", why, FALL_RULE)
    row = found.iloc[0]
    gene = Measured(row["log2_fold_change"], (row["ci_low"], row["ci_high"]), row["fdr"])
    evidence = (
        f"log2 fold change {gene.in_numbers()}; {seen_elsewhere(found)}; {this_is}; the target's"
        f" verdict: {row['verdict'].replace('_', ' ')}"
    )
    return answer_row(question, contrast, moved(gene, "down", result.fdr), evidence, FALL_RULE)


def did_ratio_change(
    targets: pd.DataFrame, fit: FittedModel, result: ContrastResult, this_is: str
) -> list[dict]:
    """Ask whether the ratio of two targets changed in a contrast.

    Parameters
    ----------
    targets, result, this_is
        As for `did_fall`.
    fit : FittedModel
        The fitted model, with the counts.

    Returns
    -------
    list of dict
        A row of the verdict; none where one of the two was not tested.
    """
    tested = targets[targets["status"] == "tested"].set_index("gene_name")["gene_id"]
    if not set(RATIO) <= set(tested.index):
        return []
    question = f"Did the ratio of {RATIO[0]} to {RATIO[1]} change?"
    change = change_of_ratio(fit, result, tested[RATIO[0]], tested[RATIO[1]])
    if not change.degrees:
        why = "without replicates the ratio has no interval"
        return [answer_row(question, result.name, "not measurable", why, RATIO_RULE)]
    middle, reach = change.log2_fold_change, change.reach()
    within = abs(middle) + reach < SMALL_CHANGE
    answer = "yes" if change.sign() else "no" if within else "unclear"
    evidence = (
        f"log2 fold change of the ratio {middle:+.2f} ({middle - reach:+.2f} to"
        f" {middle + reach:+.2f}); {this_is}"
    )
    return [answer_row(question, result.name, answer, evidence, RATIO_RULE)]


def did_rise(
    activities: pd.DataFrame, targets: pd.DataFrame, result: ContrastResult, this_is: str
) -> dict:
    """Ask whether the interferon-stimulated genes as a set rose in a contrast.

    Parameters
    ----------
    activities : DataFrame
        The activities table's rows of the contrast.
    targets : DataFrame
        The targets table's rows of the contrast.
    result : ContrastResult
        What came of the contrast.
    this_is : str
        The experiment's setting, in words.

    Returns
    -------
    dict
        A row of the verdict.
    """
    question, contrast = "Did the interferon-stimulated genes rise?", result.name
    row = activities[activities["activity"] == INTERFERON].iloc[0]
    if isinstance(row["reason"], str):
        return answer_row(question, contrast, "not measurable", row["reason"], RISE_RULE)
    change, p_value = row["log2_change"], row["p_value_without_one"] / 2
    reach = stdtrit(row["freedom"], 1 - LEVEL) * row["log2_change_se"]
    if change > 0 and p_value < LEVEL:
        answer = "yes"
    else:
        answer = "no" if change + reach < SMALL_CHANGE else "unclear"
    weakest = f"; one-sided p {p_value:.2g} without {row['resting_on']}, the gene it rests on most"
    evidence = (
        f"weighted mean log2 change of {row['found']} of {row['genes']} genes {change:+.2f},"
        f" one-sided 95 % bounds {change - reach:+.2f} and {change + reach:+.2f}"
        f"{weakest if change > 0 else ''};"
        f" {seen_elsewhere(targets[targets['group'] == PANEL_GROUP])}; {this_is}"
    )
    return answer_row(question, contrast, answer, evidence, RISE_RULE)


def seen_elsewhere(targets: pd.DataFrame) -> str:
    """Tell what was seen of some targets, how large where that is known, and in which settings."""
    known = targets[targets["expected_in"].notna()]
    columns = ["expected", "published_log2_fold_change", "expected_in"]
    seen = [
        f"{expected}{'' if pd.isna(change) else f' {change:+.2f}'} ({setting})"
        for expected, change, setting in known[columns].drop_duplicates().to_numpy()
    ]
    return f"published: {' and '.join(seen)}" if seen else "nothing published in the panel"


def verdict_table(
    targets: pd.DataFrame,
    activities: pd.DataFrame,
    results: list[ContrastResult],
    samples: pd.DataFrame,
    where: pd.DataFrame,
    expression: pd.DataFrame,
    unit: str,
    control: str,
    fit: FittedModel,
) -> pd.DataFrame:
    """Ask all questions of one fit.

    Parameters
    ----------
    targets, activities, samples : DataFrame
        The targets table, the activities table and the samples table.
    results : list of ContrastResult
        The contrasts; those of a drug against the control are asked after.
    where : DataFrame
        Where each sample sits, the columns of `tables.SAMPLE_AGREEMENT`.
    expression : DataFrame
        TPM or normalized counts, genes × samples.
    unit : {"TPM", "normalized reads"}
        What `expression` is in.
    control : str
        The control treatment.
    fit : FittedModel
        The fitted model, with the counts.

    Returns
    -------
    DataFrame
        The columns of the verdict table.
    """
    controls = samples[samples["treatment"] == control]
    level = EXPRESSED_TPM if unit == "TPM" else EXPRESSED_READS
    rows = is_expressed(targets, expression, controls, unit, level)
    for result in results:
        if drug := drug_of(result, control, samples):
            here = targets[targets["contrast"] == result.name]
            this_is = f"this is {setting_in_words(setting_of(samples, result), drug)}"
            rows += [did_fall(name, here, result, this_is) for name in FALLING]
            measured = activities[activities["contrast"] == result.name]
            rows.append(did_rise(measured, here, result, this_is))
            rows += did_ratio_change(here, fit, result, this_is)
    rows.append(dict(zip(VERDICT, replicate_agreement(where), strict=True)))
    return pd.DataFrame(rows, columns=VERDICT)


def main(argv: list[str] | None = None) -> None:
    """Write the answers for one fit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--targets", type=Path, required=True, help="targets table")
    parser.add_argument("--activities", type=Path, required=True, help="activities table")
    parser.add_argument("--sidecars", nargs="+", type=Path, required=True, help="of all contrasts")
    parser.add_argument("--samples", type=Path, required=True, help="samples table")
    parser.add_argument("--fit", type=Path, required=True, help="the fitted model")
    parser.add_argument("--agreement", type=Path, required=True, help="of samples")
    parser.add_argument("--normalized", type=Path, required=True, help="normalized counts")
    parser.add_argument("--tpm", nargs="?", type=Path, help="used instead; may be left empty")
    parser.add_argument("--control", required=True, help="the control treatment")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args(argv)

    samples = read_table(arguments.samples)
    expression = read_table(arguments.tpm or arguments.normalized, index="gene_id")
    unit = "TPM" if arguments.tpm else "normalized reads"
    results = [*map(read_result, arguments.sidecars)]
    where = read_table(arguments.agreement)
    tables = (read_table(path) for path in [arguments.targets, arguments.activities])
    read = (*tables, results, samples, where, expression[samples["sample"]], unit)
    table = verdict_table(*read, arguments.control, read_model(arguments.fit))
    write_table(table, arguments.output)


if __name__ == "__main__":
    reported(main)
