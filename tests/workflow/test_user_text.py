"""Configurations as people write them, given to the workflow itself; no reads, few counts."""

import shutil

import pytest

from running import ROOT, completed, snakemake

CONFIG = """\
samples: config/samples.tsv
counts: counts.tsv
exclude:
  - {sample: s7, reason: "{sample} `touch told` $(touch told); a 'swap' of \\"two\\""}
differential:
  design: "~ treatment"
  fdr: 5e-2
  reference: 010
  contrasts:
    - {name: 1.50, factor: treatment, numerator: 1e3, denominator: 010}
"""
TREATMENTS = ["010", "010", "010", "1e3", "1e3", "1e3", "1e3"]


@pytest.fixture
def experiment(tmp_path):
    """Two treatments that YAML takes for numbers, and a sample that is left out."""
    samples = [f"s{n}" for n in range(1, 8)]
    rows = [f"{s}\tMM1S\t{t}\t{s}\n" for s, t in zip(samples, TREATMENTS, strict=True)]
    counts = [f"g{n}\t" + "\t".join(str(n * m) for m in range(1, 8)) for n in range(1, 20)]
    folder = tmp_path / "experiment"
    (folder / "config").mkdir(parents=True)
    (folder / "config/config.yaml").write_text(CONFIG)
    header = "sample\tcell_line\ttreatment\treplicate\n"
    (folder / "config/samples.tsv").write_text(header + "".join(rows))
    (folder / "counts.tsv").write_text("\n".join(["\t".join(["gene_id", *samples]), *counts, ""]))
    return folder


def refused(folder, *arguments) -> str:
    run = snakemake(folder, "--dry-run", *arguments)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "Traceback" not in run.stderr
    told = run.stderr.partition("Nothing was run; this needs mending:\n")[2]
    assert told, run.stderr
    return told


def test_words_and_reasons_are_the_users_own(experiment):
    """To the last rule: braces are no wildcards, and no shell runs what a reason says."""
    target = "results/cell_lines/MM1S/contrasts/1.50.tsv"
    planned = completed(snakemake(experiment, "--dry-run", "--printshellcmds")).stdout
    assert target in planned
    metadata = "results/cell_lines/MM1S/metadata.tsv"
    completed(snakemake(experiment, metadata, "results/reference/genes.tsv"))
    assert "s6\tMM1S\t1e3\ts6" in (experiment / metadata).read_text()
    assert not (experiment / "told").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (CONFIG.encode() + b"# 5 \xb5M\n", "config/config.yaml, line 11: is not UTF-8 text"),
        (CONFIG.encode("utf-16"), "config/config.yaml: is UTF-16 text"),
        (b"", "config/config.yaml: is empty"),
        (b"samples:\n\tx: 1\n", "config/config.yaml, line 2, character 1: is not YAML"),
        (
            CONFIG.replace("~ treatment", "~ treatment + open('ran', 'w')").encode(),
            "'open(' at character 15 is a function, and only C() may be used",
        ),
        (CONFIG.replace("5e-2", ".nan").encode(), "differential.fdr: must be a number, not '.nan'"),
        (
            CONFIG.replace("denominator: 010", "denominator: 8").encode(),
            "'8' is no treatment of MM1S",
        ),
    ],
    ids=["ANSI", "UTF-16", "empty", "tab", "code", "nan", "octal"],
)
def test_our_message_comes_before_snakemakes(experiment, content, message):
    (experiment / "config/config.yaml").write_bytes(content)
    assert message in refused(experiment)
    assert not (experiment / "ran").exists()


def test_the_command_line_overrides_the_file(experiment):
    completed(snakemake(experiment, "--dry-run", "--config", "differential={fdr: 1e-1}"))
    assert "--config, differential.fdr: 2 is too large" in refused(
        experiment, "--config", "differential={fdr: 2}"
    )
    (experiment / "other.yaml").write_text("differential:\n  reference: 8\n")
    told = refused(experiment, "--configfile", str(experiment / "other.yaml"))
    assert told.startswith("other.yaml, line 2, differential.reference: '8' is no treatment")


def test_a_checkout_under_a_folder_with_a_blank(experiment, tmp_path):
    checkout = tmp_path / "my drive/imid rnaseq"
    for folder in ["workflow", "scripts", "resources", "envs"]:
        shutil.copytree(ROOT / folder, checkout / folder)
    genes = "results/reference/genes.tsv"
    snakefile = str(checkout / "workflow/Snakefile")
    completed(snakemake(experiment, "--snakefile", snakefile, genes))
    assert (experiment / genes).exists()
