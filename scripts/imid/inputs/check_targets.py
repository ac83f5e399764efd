"""The target panel: its rows, and whether the annotation has its genes."""

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from imid.inputs.check_reference import Annotation
from imid.question.panel_settings import DRUGS, NUMBERS, SETTING, same_setting, with_numbers
from imid.question.target_genes import GENE_CELLS, find_genes, panel_genes, without_version
from imid.shared.problems import place
from imid.userfiles.check_table import UserTable, cell_problems, column_problems
from imid.userfiles.schemas import load_schema


def find_panel(setting: str, working_directory: Path, workflow_root: Path) -> Path:
    """Find the target panel: the user's own, or the one that comes with the workflow.

    Parameters
    ----------
    setting : str
        The panel as the configuration names it.
    working_directory, workflow_root : Path
        Where it is looked for, in this order.

    Returns
    -------
    Path
        As in the setting where it is in the working directory or nowhere.
    """
    here, shipped = working_directory / setting, workflow_root / setting
    # `os.path.exists` takes what no file can be called.
    only_shipped = os.path.exists(shipped) and not os.path.exists(here)
    return shipped if only_shipped else Path(setting)


def panel_problems(panel: UserTable) -> list[str]:
    """Find what is wrong in the target panel itself.

    Parameters
    ----------
    panel : UserTable
        As given by `read_user_table`.

    Returns
    -------
    list of str
        The problems.
    """
    schema = load_schema("targets")
    problems = [*column_problems(panel, schema), *cell_problems(panel, schema)]
    if set(schema["required"]) <= set(panel.rows.columns):
        problems += [*_disagreeing_rows(panel), *_repeated_settings(panel), *_shared_names(panel)]
    if set(schema["required"]) <= set(panel.rows.columns) and not problems:
        problems = [*_faulty_numbers(panel)]
    return problems


def _rows_by_gene(panel: UserTable) -> Iterator[pd.DataFrame]:
    known = panel.rows[panel.rows["gene_id"] != ""]
    for _, rows in known.groupby(known["gene_id"].map(without_version), sort=False):
        yield rows


def _disagreeing_rows(panel: UserTable) -> Iterator[str]:
    for rows in _rows_by_gene(panel):
        first, *others = rows.index
        for line in others:
            for column in GENE_CELLS:
                here, there = rows.loc[line, column], rows.loc[first, column]
                if here != there:
                    yield (
                        f"{place(panel.name, line, column)}: '{here}' is not what line {first}"
                        f" says, '{there}'; the rows of one gene differ in their setting alone"
                    )


def _repeated_settings(panel: UserTable) -> Iterator[str]:
    for rows in _rows_by_gene(panel):
        for position, line in enumerate(rows.index):
            earlier = rows.index[:position]
            same = [other for other in earlier if same_setting(rows.loc[other], rows.loc[line])]
            if same:
                gene = rows.loc[line, "gene_id"]
                yield (
                    f"{place(panel.name, line, 'gene_id')}: '{gene}' is already on line {same[0]}"
                    f" in the same setting; rows of one gene differ in {', '.join(SETTING)}"
                )


def _faulty_numbers(panel: UserTable) -> Iterator[str]:
    """Find rows whose numbers say nothing, or of which it is not said what they were seen of."""
    for line, row in with_numbers(panel.rows).iterrows():
        where = {column: place(panel.name, line, column) for column in ["control", *NUMBERS]}
        if not (change := row["log2_fold_change"]):
            if given := [column for column in NUMBERS if row[column]]:
                told = f"{' and '.join(given)} {'is' if len(given) == 1 else 'are'}"
                yield f"{where['log2_fold_change']}: is empty, but {told} given"
            continue
        known = [drug for drug in DRUGS if row[drug] != "unknown"]
        if len(known) != 1:
            yield (
                f"{where['log2_fold_change']}: '{change}' may be of {' or '.join(DRUGS)}; a row"
                " with a number has unknown for the other drug"
            )
        elif {"up": -1, "down": 1}.get(row[known[0]], 0) * float(change) > 0:
            yield f"{where['log2_fold_change']}: '{change}' is not {row[known[0]]}"
        if not row["control"]:
            yield f"{where['control']}: is empty; a log2 fold change needs what it was seen against"
        if row["lfc_se"] and not float(row["lfc_se"]):
            yield f"{where['lfc_se']}: '{row['lfc_se']}' is no error; leave it empty if not known"
        if row["p_value"] and not (row["lfc_se"] or 0 < float(row["p_value"]) < 1):
            yield f"{where['p_value']}: '{row['p_value']}' gives no error; it lies between 0 and 1"
        if row["p_value"] and not (row["lfc_se"] or float(change)):
            yield f"{where['p_value']}: gives no error for a log2 fold change of 0; give lfc_se"
        if row["n"] and not (row["lfc_se"] or row["p_value"]):
            yield f"{where['n']}: '{row['n']}' needs lfc_se or p_value"


def _shared_names(panel: UserTable) -> Iterator[str]:
    genes = panel.rows.loc[[rows.index[0] for rows in _rows_by_gene(panel)]]
    first: dict[str, int] = {}
    for line, name in zip(genes.index.tolist(), genes["gene_name"], strict=True):
        first_line = first.setdefault(name, line)
        if name and first_line != line:
            yield (
                f"{place(panel.name, line, 'gene_name')}: '{name}' is on line {first_line} with"
                f" another gene_id, '{genes.loc[first_line, 'gene_id']}'"
            )


def unannotated_targets(panel: UserTable, annotation: Annotation) -> list[str]:
    """Warn of targets that the annotation does not have, or has under an alias.

    Parameters
    ----------
    panel : UserTable
        As given by `read_user_table`, without problems.
    annotation : Annotation
        What was seen of the GTF; nothing is said of one that was not read whole.

    Returns
    -------
    list of str
        The warnings.
    """
    if not annotation.complete:
        return []
    genes = pd.DataFrame(annotation.genes.items(), columns=["gene_id", "gene_name"])
    targets = panel_genes(panel.rows)
    warnings = []
    for line, found, remark in find_genes(targets, genes).itertuples():
        if isinstance(remark, str):
            warnings.append(f"{place(panel.name, line, 'aliases')}: {remark}")
        if pd.isna(found):
            gene_id, name = targets.loc[line, ["gene_id", "gene_name"]]
            warnings.append(
                f"{place(panel.name, line, 'gene_id')}: '{gene_id}' ({name}) is not in"
                f" {annotation.source}; its row of the target table will say so"
            )
    return warnings
