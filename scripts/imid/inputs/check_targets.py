"""The target panel: its rows, and whether the annotation has its genes."""

import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from imid.inputs.check_reference import Annotation
from imid.question.panel_settings import SETTING, same_setting
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
