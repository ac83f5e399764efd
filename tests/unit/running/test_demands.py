import re

import yaml

from imid.running import demands
from running import ROOT


def test_a_job_asks_for_more_memory_at_each_attempt_and_for_snakemake():
    ask = demands.growing(1000)
    assert [ask(None, attempt) for attempt in [1, 2, 3]] == [1500, 3000, 4500]


def test_a_job_may_take_longer_at_each_attempt():
    ask = demands.lasting(30)
    assert [ask(None, attempt) for attempt in [1, 2, 3]] == [30, 60, 90]


def test_all_that_a_rule_asks_for_grows():
    """A number as it is would be asked for again by a job that it was too little for."""
    rules = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    asked = re.findall(r"^ +(?:mem_mb|runtime)=(.*),$", rules, flags=re.MULTILINE)
    assert len(asked) > 40
    grows = r"(growing|lasting)\(\d+\)|\w+_memory"
    assert [words for words in asked if not re.fullmatch(grows, words)] == []
    profile = yaml.safe_load((ROOT / "workflow/profiles/slurm/config.yaml").read_text())
    default = profile["default-resources"]
    assert all("* attempt" in default[resource] for resource in ["mem_mb", "runtime"])
