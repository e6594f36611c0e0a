"""Whether a call's arguments fit the schema that its tool declares, said so that the model can correct them."""

from typing import Any

Json = dict[str, Any]

_PYTHON: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def misfit(name: str, schema: Json, arguments: Any, *, types: bool = True) -> str:
    """What is wrong, or an empty text. ``types`` off: only which arguments there are."""
    if not isinstance(arguments, dict):
        return "Arguments must be an object."
    unknown = set(arguments) - set(schema["properties"])
    if unknown:
        return f"{name} has no argument {', '.join(sorted(unknown))}."
    missing = set(schema.get("required", [])) - set(arguments)
    if missing:
        return f"{name} needs {', '.join(sorted(missing))}."
    for argument, value in arguments.items() if types else ():
        wrong = _misfit(schema["properties"][argument], value)
        if wrong:
            return f"{argument} {wrong}."
    return ""


def _misfit(expected: Json, value: Any) -> str:
    kinds = expected["type"] if isinstance(expected["type"], list) else [expected["type"]]
    # In Python, True is a number; in JSON it is none.
    fits = any(
        isinstance(value, _PYTHON[kind]) and (kind == "boolean" or not isinstance(value, bool))
        for kind in kinds
    )
    if not fits:
        return f"must be {' or '.join(kinds)}"
    if "enum" in expected and value not in expected["enum"]:
        return f"is one of {', '.join(map(str, expected['enum']))}; {value!r} is not"
    if isinstance(value, str) and "\0" in value:
        return "holds a null character"
    if isinstance(value, str) and len(value) > expected.get("maxLength", len(value)):
        return f"has at most {expected['maxLength']} characters"
    if isinstance(value, str) and len(value.strip()) < expected.get("minLength", 0):
        return "is empty"
    return ""
