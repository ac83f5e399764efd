"""Schemas: their defaults, and what does not fit them, in plain words."""

import math
import re
from copy import deepcopy
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from imid.shared.problems import did_you_mean, quoted, shortened
from imid.userfiles.config_files import Plain

TYPES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a block of settings",
    "null": "empty",
}

TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
NOTHING = {"null", "Null", "NULL"}
# A number as people write it, and nothing that YAML takes for one: 010, 1_000, 20:00, .nan.
NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]{0,30})([.][0-9]{0,30})?([eE][-+]?[0-9]{1,3})?")


def typed(value: Any, schema: dict) -> Any:
    """Make of words what their settings want; where they want a text, it is the word itself.

    Parameters
    ----------
    value : dict, list or str
        Settings as `config_files` reads them.
    schema : dict
        What the settings are to be.

    Returns
    -------
    object
        The same; a `Plain` has become a number, bool or None where the schema wants one and the
        word is one, and else is a text.
    """
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        others = others if isinstance(others, dict) else {}
        return {key: typed(inner, known.get(key, others)) for key, inner in value.items()}
    if isinstance(value, list):
        return [typed(item, schema.get("items", {})) for item in value]
    return _typed_word(value, schema) if isinstance(value, Plain) else value


def _typed_word(word: Plain, schema: dict) -> Any:
    wanted = schema.get("type", "string" if "enum" in schema else [])
    wanted = {wanted} if isinstance(wanted, str) else set(wanted)
    if word in ("", "~") or (word in NOTHING and ("null" in wanted or "string" not in wanted)):
        return None
    if "boolean" in wanted and word.lower() in TRUTH:
        return TRUTH[word.lower()]
    if wanted & {"number", "integer"} and NUMBER.fullmatch(word):
        number = float(word)
        if math.isfinite(number):
            return int(word) if word.lstrip("+-").isdigit() else number
    return str(word)


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
            found |= _unknown_settings(error, path, validator.schema)
        elif error.validator == "required":
            found |= _missing(error, path)
        else:
            found.setdefault(path, _violation_in_words(error))
    return found


def _unknown_settings(error: ValidationError, path: tuple, schema: dict) -> dict[tuple, str]:
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


def _violation_in_words(error: ValidationError) -> str:
    value, limit = error.instance, error.validator_value
    match error.validator:
        case "type":
            return _wrong_type(value, [limit] if isinstance(limit, str) else limit)
        case "enum":
            hint = did_you_mean(str(value), limit)
            return f"{_value_shown(value)} is not one of {', '.join(limit)}{hint}"
        case "minimum":
            return f"{value} is too small; it must be at least {limit}"
        case "exclusiveMinimum":
            return f"{value} is too small; it must be greater than {limit}"
        case "maximum":
            return f"{value} is too large; it must be at most {limit}"
        case "exclusiveMaximum":
            return f"{value} is too large; it must be less than {limit}"
        case "minItems" | "minLength":
            return f"is empty. {error.schema['description']}"
        case "maxLength":
            return f"{_value_shown(value)} is too long; it must be of at most {limit} characters"
        case "uniqueItems":
            twice = sorted({str(item) for item in value if value.count(item) > 1})
            return f"names {', '.join(twice)} twice"
        case "pattern" if "form" in error.schema:
            return f"{_value_shown(value)} does not fit: {error.schema['form']}"
        case _:
            return f"{_value_shown(value)} does not fit. {error.schema['description']}"


def _wrong_type(value: Any, wanted: list[str]) -> str:
    message = f"must be {' or '.join(TYPES[name] for name in wanted)}, not {_value_shown(value)}"
    if isinstance(value, str) and {"number", "integer"} & set(wanted):
        return message + _number_hint(value)
    if isinstance(value, str) and "boolean" in wanted and value.lower() in TRUTH:
        return f"{message}; write it without quotes"
    if isinstance(value, str) and "array" in wanted:
        return f"{message}; write [{shortened(value)}]"
    return message


def _number_hint(text: str) -> str:
    if NUMBER.fullmatch(text):
        return "; write it without quotes" if math.isfinite(float(text)) else "; it is too large"
    if NUMBER.fullmatch(text.replace(",", ".")):
        return "; write a point in place of the comma"
    return "; write it as 0.05, 2 or 1e-3"


def _value_shown(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a block of settings"
    return "empty" if value is None else str(value).lower()
