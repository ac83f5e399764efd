"""Whether the replicates agree, as the table of where each sample sits has it."""

import pandas as pd

from imid.shared.agreement_words import MINGLES, ODD, UNKNOWN

QUESTION = "Do the replicates agree?"
RULE = (
    "By sample_agreement.tsv: each sample, or two that may have changed places, is held against the"
    " axis between groups that is estimated without it. no: a sample is called swapped, elsewhere,"
    " failed, or the same library as another, by a score of 1 or more, which fewer than a twentieth"
    " of experiments without any effect have. yes: every sample sits with its replicates. unclear:"
    " groups mingle, as they do where a treatment does little. Heuristic."
)


def replicate_agreement(table: pd.DataFrame) -> tuple[str, None, str, str, str]:
    """Answer for an experiment.

    Parameters
    ----------
    table : DataFrame
        The columns of `tables.SAMPLE_AGREEMENT`.

    Returns
    -------
    tuple
        Question, contrast (none), answer, evidence and rule.
    """
    return QUESTION, None, *_answer(table), RULE


def _answer(table: pd.DataFrame) -> tuple[str, str]:
    odd, mingled = table[table["called"].isin(ODD)], table[table["called"] == MINGLES]
    if len(odd):
        return "no", f"odd: {_listed(odd)}"
    if (table["called"] == UNKNOWN).all():
        return "not measurable", "no group has replicates"
    if len(mingled):
        return "unclear", f"nearer to another group: {', '.join(mingled['sample'])}"
    highest = table["score"].max()
    return "yes", f"all sit with their replicates; the highest score is {highest:.2f}, odd is 1"


def _listed(odd: pd.DataFrame) -> str:
    return ", ".join(
        f"{sample} ({words}; score {score:.1f})"
        for sample, words, score in odd[["sample", "words", "score"]].itertuples(index=False)
    )
