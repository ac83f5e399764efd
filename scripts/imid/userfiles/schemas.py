"""The schemas of what people write: of the configuration, the sheet and the target panel.

They are a module by themselves, for an edit of one redoes what imports this: nothing but the checks
before a run, while steps, too, read tables and hold them against a schema that they are given.
"""

import yaml

from imid.shared.paths import resource

SCHEMAS = {
    "config": resource("workflow/schemas/config.schema.yaml"),
    "samples": resource("workflow/schemas/samples.schema.yaml"),
    "targets": resource("workflow/schemas/targets.schema.yaml"),
}


def load_schema(name: str) -> dict:
    """Load a schema of the workflow.

    Parameters
    ----------
    name : {"config", "samples", "targets"}
        What it is of.

    Returns
    -------
    dict
        The JSON schema.
    """
    text = SCHEMAS[name].read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)
