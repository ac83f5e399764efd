"""What a figure says of itself, in its module: what it is drawn from, and its words on the page."""

from dataclasses import dataclass

# What a run makes one of a figure for, and how the names of its files begin there.
STEMS = {
    "fit": "results/{fit}/figures/",
    "contrast": "results/{fit}/figures/{contrast}",
    "comparison": "results/{fit}/figures/{second}.against.{first}",
    "across": "results/across/{contrast}",
}
# Where the page shows it: beside a fit's targets or its activities, among its figures, or across
# cell lines.
SECTIONS = ["answer", "activities", "figures", "across"]
# Tables of which there is one for each contrast of a fit.
LISTS = ["contrasts", "sidecars"]


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What a figure says of itself.

    It is written out in texts and lists of texts: the plan reads it without running the module,
    which would load the libraries that draw (see `catalogue`).

    Attributes
    ----------
    of : str
        What there is one for each of: a key of `STEMS`.
    tables : list of str
        What it is drawn from: inputs of the rule that draws the figures of such, and the
        parameters of the module's function, by the same names.
    section : str
        Where the page shows it, one of `SECTIONS`.
    caption, alt : str
        What stands under it, and what is read out in its place. ``{contrast}``, ``{first}`` and
        ``{second}`` stand for the names of what it is of.
    ending : str, optional
        What its files' names end in after the stem; if not said, the figure's own name.
    """

    of: str
    tables: list[str]
    section: str
    caption: str
    alt: str
    ending: str | None = None

    def __post_init__(self) -> None:
        """Refuse what there is not."""
        if self.of not in STEMS or self.section not in SECTIONS:
            raise ValueError(f"no figures of {self.of!r}, or no section {self.section!r}")

    def stem(self, figure: str) -> str:
        """Name a figure's files but for ``.svg`` and ``.png``, by the wildcards of its rule."""
        stem = STEMS[self.of]
        return f"{stem}{self.file_ending(figure)}"

    def file_ending(self, figure: str) -> str:
        """Say what the names of a figure's files end in."""
        if self.ending is not None:
            return self.ending
        return figure if STEMS[self.of].endswith("/") else f".{figure}"
