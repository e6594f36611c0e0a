"""Short ways to write the schemas of tools."""

from typing import Any

Json = dict[str, Any]


def schema_of(required: list[str] | None = None, **properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": required or [],
        "additionalProperties": False,
    }


def text(description: str, **more: Any) -> Json:
    return {"type": "string", "description": description, **more}
