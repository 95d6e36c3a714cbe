"""Output formats of -o: YAML, JSON, names, JSONPath and custom columns.

Follows cli-runtime/pkg/printers and kubectl's get printers.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import yaml

from supervisor.cli import jsonpath, tables
from supervisor.cli.failure import Failure
from supervisor.model.meta import Object
from supervisor.model.yaml_reader import is_text

FORMATS = ("json", "yaml", "name", "wide", "jsonpath=TEMPLATE", "custom-columns=SPEC")

Printer = Callable[[Object], str]


def printer(output: str, name_of: Callable[[Object], str]) -> Printer:
    """A function that formats an object or a List. Raises Failure for unknown formats.

    `name_of` returns the `kind/name` of an object.
    """
    form, _, argument = output.partition("=")
    if form == "json":
        return to_json
    if form == "yaml":
        return to_yaml
    if form == "name":
        return lambda obj: "".join(f"{name_of(item)}\n" for item in items(obj))
    if form in ("jsonpath", "jsonpath-as-json"):
        template = jsonpath.parse(_require_template(form, argument))
        if form == "jsonpath-as-json":
            return lambda obj: to_json(jsonpath.values(template, obj))
        return lambda obj: jsonpath.render(template, obj)
    if form == "custom-columns":
        return _columns(_require_template(form, argument))
    raise Failure(
        f'unable to match a printer suitable for the output format "{output}", '
        f"allowed formats are: {','.join(FORMATS)}"
    )


def items(obj: Object) -> list[Object]:
    """The items of a List, or the object itself."""
    if obj.get("kind") == "List" and isinstance(obj.get("items"), list):
        found: list[Object] = obj["items"]
        return found
    return [obj]


def as_list(objects: Sequence[Object]) -> Object:
    """A List of `objects`, as kubectl prints it."""
    return {
        "apiVersion": "v1",
        "items": list(objects),
        "kind": "List",
        "metadata": {"resourceVersion": ""},
    }


def to_json(value: Any) -> str:
    return json.dumps(value, indent=4, sort_keys=True, ensure_ascii=False) + "\n"


def to_yaml(value: Any) -> str:
    text: str = yaml.dump(
        value, Dumper=_Dumper, default_flow_style=False, allow_unicode=True, width=10**6
    )
    return text


def _require_template(form: str, argument: str) -> str:
    if not argument:
        raise Failure(f"template format specified but no template given: -o {form}=...")
    return argument


def _columns(spec: str) -> Printer:
    columns = []
    for column in spec.split(","):
        name, colon, path = column.partition(":")
        if not (name and colon and path):
            raise Failure(
                f"unexpected custom-columns spec: {column}, "
                "expected <header>:<json-path-expr>"
            )
        path = path if path.startswith("{") else f"{{{path}}}"
        columns.append((name, jsonpath.parse(path)))

    def text(obj: Object) -> str:
        lines = [[name for name, _ in columns]]
        for item in items(obj):
            found = [jsonpath.values(template, item) for _, template in columns]
            lines.append(
                [",".join(map(jsonpath.to_text, f)) or "<none>" for f in found]
            )
        return tables.render(lines)

    return text


#: Characters that YAML 1.1 parsers treat differently, and unprintable ones.
_NEEDS_QUOTES = re.compile(
    "[^\\n\\t\\x20-\\x7e\\xa0-\\u2027\\u202a-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd]"
)


class _Dumper(yaml.SafeDumper):
    """Quotes strings that a YAML parser could read as another type."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    tag = "tag:yaml.org,2002:str"
    if _NEEDS_QUOTES.search(text):
        return dumper.represent_scalar(tag, text, style='"')
    if "\n" in text and not any(line.endswith(" ") for line in text.split("\n")):
        return dumper.represent_scalar(tag, text, style="|")
    resolved: str = dumper.resolve(  # type: ignore[no-untyped-call]
        yaml.ScalarNode, text, (True, False)
    )
    if resolved != tag or not is_text(text):
        return dumper.represent_scalar(tag, text, style='"')
    return dumper.represent_scalar(tag, text)


_Dumper.add_representer(str, _represent_text)
