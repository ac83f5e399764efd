"""Two cell lines of which most libraries have one fault each, planted on purpose."""

from pathlib import Path

import yaml

from imid.shared.tables import read_table
from imid.synthetic.make_synthetic import make_synthetic
from running import ROOT

FRAGMENTS = 16_000
CELL_LINES = {
    "MM1S": {"response": 1.0, "variants": 600},
    "U266": {"response": 0.9, "variants": 600},
}
FAULTS = {
    "MM1S_dmso_2": [{"kind": "duplicates", "share": 0.6}],
    "MM1S_dmso_3": [{"kind": "swapped", "other": "MM1S_pomalidomide_3"}],
    "MM1S_lenalidomide_2": [{"kind": "rRNA", "share": 0.3}],
    "MM1S_lenalidomide_3": [{"kind": "same_library", "other": "MM1S_lenalidomide_1"}],
    "MM1S_pomalidomide_1": [{"kind": "swapped", "other": "U266_pomalidomide_1"}],
    "MM1S_pomalidomide_2": [{"kind": "mycoplasma", "share": 0.05}],
    "U266_dmso_2": [{"kind": "degraded", "share": 0.8}],
    "U266_dmso_3": [{"kind": "adapter_dimers", "share": 0.25}],
    "U266_lenalidomide_2": [{"kind": "immunoglobulin", "share": 0.4}],
    "U266_lenalidomide_3": [{"kind": "depth", "share": 0.1}],
    "U266_pomalidomide_2": [{"kind": "genomic_dna", "share": 0.8}],
    "U266_pomalidomide_3": [{"kind": "wrong_strand", "share": 1.0}],
}
SOUND = ["MM1S_dmso_1", "MM1S_lenalidomide_1", "U266_dmso_1", "U266_lenalidomide_1"]


def make_faulty(directory: Path) -> Path:
    """Write the experiment: reads, reference, config, truth."""
    plan = yaml.safe_load((ROOT / "resources/synthetic.yaml").read_text())
    plan["experiment"] |= {"cell_lines": CELL_LINES, "two_lanes": []}
    targets = read_table(ROOT / "resources/targets.tsv")
    make_synthetic(plan | {"faults": FAULTS}, targets, directory, fragments=FRAGMENTS)
    path = directory / "config/config.yaml"
    config = yaml.safe_load(path.read_text())
    config["qc"]["contaminants"] = {"mycoplasma": "reference/mycoplasma.fa.gz"}
    path.write_text(yaml.safe_dump(config))
    return directory
