"""What clients of the API rely on, read from its description: one line for each promise.

`python -m tests.promises` writes docs/openapi.yaml anew; `--release` also takes what it promises
as released, which is done with a release and not before: until then it may still be changed.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

DOCS = Path(__file__).resolve().parent.parent / "docs"
DESCRIPTION = DOCS / "openapi.yaml"
RELEASED = DOCS / "api-promises.txt"
DEEPEST = 6


def promises(description: dict[str, Any]) -> set[str]:
    """Lines such as `GET /api/v1/tasks/ gives 200 results[].status Failing`.

    A line that goes is a breaking change; so is a field or parameter that turns from "may take"
    to "must take", since the line that says "may take" goes with it.
    """
    found: set[str] = set()
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            name = f"{method.upper()} {path}"
            found.add(name)
            found |= {f"{name} {line}" for line in _parameters(description, operation)}
            found |= {f"{name} {line}" for line in _body(description, operation)}
            found |= {f"{name} {line}" for line in _answers(description, operation)}
    return found


def new_demands(old: set[str], new: set[str]) -> set[str]:
    """Demands on requests that old clients make and that do not meet them."""
    known = {line for line in old if len(line.split(" ")) == 2}
    demands = {line for line in new - old if " must take " in line}
    return {line for line in demands if " ".join(line.split(" ")[:2]) in known}


def _parameters(description: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
    for each in operation.get("parameters", []):
        word = "must take" if each.get("required") and each["in"] != "path" else "may take"
        for line in _fields(description, each["schema"], each["name"]):
            yield f"{word} {each['in']} {line}"


def _body(description: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
    content = operation.get("requestBody", {}).get("content", {})
    for kind, said in content.items():
        schema = _resolved(description, said["schema"])
        required = set(schema.get("required", ()))
        for name, inner in schema.get("properties", {}).items():
            word = "must take" if name in required else "may take"
            for line in _fields(description, inner, name):
                yield f"{word} {kind} {line}"


def _answers(description: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
    for status, said in operation["responses"].items():
        if not status.startswith("2"):
            continue
        yield f"gives {status}"
        for content in said.get("content", {}).values():
            for line in _fields(description, content["schema"], ""):
                yield f"gives {status} {line}"


def _fields(
    description: dict[str, Any], schema: dict[str, Any], path: str, depth: int = 0
) -> Iterator[str]:
    schema = _resolved(description, schema)
    if path:
        yield f"{path} {schema.get('type', 'any')}"
    yield from (f"{path} {value}" for value in schema.get("enum", ()) if value is not None)
    if depth == DEEPEST:
        return
    for name, inner in schema.get("properties", {}).items():
        yield from _fields(description, inner, f"{path}.{name}".lstrip("."), depth + 1)
    if "items" in schema:
        yield from _fields(description, schema["items"], f"{path}[]", depth + 1)


def _resolved(description: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference, or the first of several, stands for."""
    while "$ref" in schema or "allOf" in schema or "oneOf" in schema:
        if "$ref" in schema:
            schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        else:
            schema = (schema.get("allOf") or schema["oneOf"])[0]
    return schema


def described() -> str:
    """The description that the code makes, as it stands in docs/openapi.yaml."""
    from drf_spectacular.generators import SchemaGenerator
    from drf_spectacular.renderers import OpenApiYamlRenderer

    made = SchemaGenerator().get_schema(request=None, public=True)
    text: str = OpenApiYamlRenderer().render(made, renderer_context={}).decode()
    return text


def main() -> None:
    import django

    from tests import environment

    environment.prepare()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sprinto_xero.settings")
    django.setup()
    text = described()
    DESCRIPTION.write_text(text)
    if "--release" in sys.argv:
        RELEASED.write_text("\n".join(sorted(promises(yaml.safe_load(text)))) + "\n")


if __name__ == "__main__":
    main()
