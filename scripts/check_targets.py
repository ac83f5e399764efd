"""The target panel: its rows, and whether the annotation has its genes."""

import re
from collections.abc import Iterator
from pathlib import Path

from check_reference import Annotation
from check_schema import load_schema
from check_table import UserTable, cell_problems, column_problems
from problems import place


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
    return shipped if shipped.exists() and not here.exists() else Path(setting)


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
    return [
        *column_problems(panel, schema),
        *cell_problems(panel, schema),
        *_repeated(panel),
    ]


def _repeated(panel: UserTable) -> Iterator[str]:
    told = set()
    for column in panel.rows.columns.intersection(["gene_id", "gene_name"]):
        first: dict[str, int] = {}
        for line, gene in panel.rows[column].items():
            known_as = without_version(gene) if column == "gene_id" else gene
            first_line = first.setdefault(known_as, line)
            if gene and first_line != line and line not in told:
                told.add(line)
                where = place(panel.name, line, column)
                yield f"{where}: '{gene}' is already on line {first_line}; name each gene once"


def without_version(gene_id: str) -> str:
    """Take the version off an Ensembl id: ``ENSG00000185811.18`` becomes ``ENSG00000185811``.

    Others, such as fission yeast's SPAC212.11, end in a number that is no version.
    """
    return re.sub(r"^(ENS[A-Z]*G\d+)\.\d+$", r"\1", gene_id)


def unannotated_targets(panel: UserTable, annotation: Annotation) -> list[str]:
    """Warn of targets that the annotation does not have, neither by id nor by name.

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
    ids = {without_version(gene_id) for gene_id in annotation.genes}
    names = set(annotation.genes.values())
    return [
        f"{place(panel.name, line, 'gene_id')}: '{gene_id}' ({name}) is not in"
        f" {annotation.source}; its row of the target table will say so"
        for line, gene_id, name in panel.rows[["gene_id", "gene_name"]].itertuples()
        if without_version(gene_id) not in ids and name not in names
    ]
