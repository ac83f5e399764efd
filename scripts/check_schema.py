"""Schemas: their defaults, and what does not fit them, in plain words."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError

from problems import did_you_mean

SCHEMAS = Path(__file__).resolve().parents[1] / "workflow" / "schemas"

TYPES = {
    "string": "text",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a block of settings",
    "null": "empty",
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
    text = (SCHEMAS / f"{name}.schema.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)


def with_defaults(values: dict, schema: dict) -> dict:
    """Fill in what is left out, and drop what the schema does not know.

    Parameters
    ----------
    values : dict
        Settings as given.
    schema : dict
        A schema of type object.

    Returns
    -------
    dict
        In the order of the schema.
    """
    filled = {}
    for name, inner in schema["properties"].items():
        value = values.get(name, deepcopy(inner.get("default")))
        if isinstance(value, dict) and "properties" in inner:
            value = with_defaults(value, inner)
        if name in values or "default" in inner:
            filled[name] = value
    return filled


def violations(instance: Any, validator: Draft202012Validator) -> dict[tuple, str]:
    """Find everything that does not fit a schema.

    Parameters
    ----------
    instance : object
        Settings, or a single value.
    validator : Draft202012Validator
        Of the schema that says what they should be like.

    Returns
    -------
    dict
        For each faulty place, as a tuple of keys and positions, what is wrong with it.
    """
    found: dict[tuple, str] = {}
    for error in validator.iter_errors(instance):
        path = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            found |= _unknown(error, path, validator.schema)
        elif error.validator == "required":
            found |= _missing(error, path)
        else:
            found.setdefault(path, _in_words(error))
    return found


def _unknown(error: ValidationError, path: tuple, schema: dict) -> dict[tuple, str]:
    known = error.schema["properties"]
    found = {}
    for key in error.instance:
        if key not in known:
            hint = did_you_mean(str(key), known) or _belongs_under(key, schema)
            found[(*path, key)] = f"unknown setting{hint or '; known are ' + ', '.join(known)}"
    return found


def _belongs_under(key: str, schema: dict) -> str:
    if key in schema["properties"]:
        return "; it belongs to no block"
    for block, inner in schema["properties"].items():
        if key in inner.get("properties", {}):
            return f"; it belongs under {block}"
    return ""


def _missing(error: ValidationError, path: tuple) -> dict[tuple, str]:
    known = error.schema["properties"]
    # A misspelt key is told as such, and not a second time as missing.
    meant = "".join(did_you_mean(str(key), known) for key in error.instance if key not in known)
    return {
        (*path, key): f"is missing. {known[key]['description']}"
        for key in error.validator_value
        if key not in error.instance and f"'{key}'" not in meant
    }


def _in_words(error: ValidationError) -> str:
    value, limit = error.instance, error.validator_value
    match error.validator:
        case "type":
            return _wrong_type(value, [limit] if isinstance(limit, str) else limit)
        case "enum":
            hint = did_you_mean(str(value), limit)
            return f"{_shown(value)} is not one of {', '.join(limit)}{hint}"
        case "minimum":
            return f"{value} is too small; it must be at least {limit}"
        case "exclusiveMinimum":
            return f"{value} is too small; it must be greater than {limit}"
        case "exclusiveMaximum":
            return f"{value} is too large; it must be less than {limit}"
        case "minItems" | "minLength":
            return f"is empty. {error.schema['description']}"
        case "uniqueItems":
            twice = sorted({str(item) for item in value if value.count(item) > 1})
            return f"names {', '.join(twice)} twice"
        case _:
            return f"{_shown(value)} does not fit. {error.schema['description']}"


def _wrong_type(value: Any, wanted: list[str]) -> str:
    message = f"must be {' or '.join(TYPES[name] for name in wanted)}, not {_shown(value)}"
    if "string" in wanted and isinstance(value, bool | int | float):
        message += "; put it in quotes"
    if "number" in wanted and isinstance(value, str) and _is_number(value):
        message += "; YAML takes this for text: write it with a point, such as 1.0e-3, unquoted"
    return message


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a block of settings"
    return "empty" if value is None else str(value).lower()
