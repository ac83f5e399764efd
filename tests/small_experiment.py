"""A correct experiment of a few bytes, for tests that spoil one thing and look for what is said."""

import gzip
from pathlib import Path

from imid.inputs.experiment import Experiment, load_experiment
from imid.shared.problems import InputError

CONFIG = """\
samples: config/samples.tsv
reference:
  fasta: reference/genome.fa
  gtf: reference/genes.gtf
aligner: star
strandedness: reverse
differential:
  design: "~ treatment"
  fdr: 0.05
  contrasts:
    - name: lenalidomide_vs_dmso
      factor: treatment
      numerator: lenalidomide
      denominator: dmso
    - {name: pomalidomide_vs_dmso, factor: treatment, numerator: pomalidomide, denominator: dmso}
"""
HEADER = ["sample", "cell_line", "treatment", "replicate", "batch", "fastq_1", "fastq_2"]
PANEL = (
    "gene_id gene_name aliases group acts_on lenalidomide pomalidomide"
    " cells dose_um hours control citation note\n"
    "ENSG00000137265 IRF4 MUM1 core rna down down MM.1S 10 72 DMSO PMID:1 none\n"
    "ENSG00000185811 IKZF1 IKAROS core protein unchanged unchanged MM.1S   DMSO PMID:2 none\n"
).replace(" ", "\t")
GENOME = ">chr6 a description\nACGTACGT\nACGT\n>chr7\nACGTACGT\n"
GTF = (
    "# an annotation\n"
    'chr6\tX\tgene\t1\t9\t.\t+\t.\tgene_id "ENSG00000137265.15"; gene_name "IRF4";\n'
    "chr6\tX\texon\t1\t9\t.\t+\t.\t"
    'gene_id "ENSG00000137265.15"; transcript_id "A"; gene_name "IRF4";\n'
    "chr7\tX\texon\t1\t5\t.\t-\t.\t"
    'gene_id "ENSG00000185811.18"; transcript_id "B"; gene_name "IKZF1";\n'
)


def reads(mate: int, number: int = 2, library: str = "read") -> str:
    """A FASTQ of a few reads, named after their library."""
    return "".join(f"@{library}{n} {mate}:N:0:A\nACGT\n+\nIIII\n" for n in range(number))


def rows() -> list[dict[str, str]]:
    """Three replicates of three treatments in two lines (lines 2 to 19), and a second lane."""
    found = [
        {"sample": f"{line}_{treatment}_{replicate}", "cell_line": line}
        | {"treatment": treatment, "replicate": str(replicate), "batch": str(replicate)}
        for line in ["MM1S", "MM1S_res"]
        for treatment in ["dmso", "lenalidomide", "pomalidomide"]
        for replicate in [1, 2, 3]
    ]
    found = [row | fastq(f"{row['sample']}_L1") for row in found]
    return [*found, found[0] | fastq(f"{found[0]['sample']}_L2")]


def fastq(stem: str) -> dict[str, str]:
    return {f"fastq_{mate}": f"reads/{stem}_R{mate}.fastq.gz" for mate in [1, 2]}


def write_experiment(folder: Path) -> Path:
    """Write the experiment, and give the folder."""
    sheet = rows()
    write(folder / "config/config.yaml", CONFIG)
    write_sheet(folder, sheet)
    write(folder / "reference/genome.fa", GENOME)
    write(folder / "reference/genes.gtf", GTF)
    write(folder / "resources/targets.tsv", PANEL)
    for place, row in enumerate(sheet):
        for mate in [1, 2]:
            library = f"lane{place}_read" if place else "read"
            write(folder / row[f"fastq_{mate}"], reads(mate, library=library))
    return folder


def write(path: Path, text: str) -> None:
    """Write a text, gzipped if the name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = text.encode()
    path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)


def write_sheet(folder: Path, sheet: list[dict[str, str]], columns: list[str] = HEADER) -> None:
    """Write the sheet from its rows."""
    lines = [columns, *([row.get(column, "") for column in columns] for row in sheet)]
    write(folder / "config/samples.tsv", "".join("\t".join(line) + "\n" for line in lines))


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that must be there once."""
    text = path.read_text()
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {path}"
    path.write_text(text.replace(old, new))


def load(folder: Path, overrides: dict | None = None, check_contents: bool = True) -> Experiment:
    """Load the experiment as the workflow does; `overrides` are those of ``--config``."""
    return load_experiment(
        [folder / "config/config.yaml"],
        overrides,
        workflow_root=Path(__file__).parents[1],
        working_directory=folder,
        check_contents=check_contents,
    )


def problems(folder: Path, overrides: dict | None = None) -> list[str]:
    """Give what is said of an experiment that must not pass."""
    try:
        load(folder, overrides)
    except InputError as error:
        return error.problems
    raise AssertionError("the experiment passed")
