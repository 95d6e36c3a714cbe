"""kubectl's JSONPath templates: `{.items[*].metadata.name}`, ranges and filters.

Supported: text, `{.a.b}`, `['a']`, `[0]`, `[-1]`, `[0:2]`, `[*]`, `..a`, `.*`, quoted
text, `@`, `$`, filters `[?(@.a=="b")]`, and `{range …}…{end}`. Anything else raises a
Failure that quotes the unsupported part.

Follows client-go/util/jsonpath.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from supervisor.cli.failure import Failure

_STEP = re.compile(
    r"""
    \.\.(?P<deep>[\w-]+|\*)
    | \.(?P<field>(?:\\.|[\w/-])+|\*)
    | \[\s*(?P<quote>['"])(?P<quoted>.*?)(?P=quote)\s*\]
    | \[(?P<star>\*)\]
    | \[\?\((?P<filter>.*?)\)\]
    | \[(?P<slice>-?\d*(?::-?\d*){0,2})\]
    | (?P<bare>[\w-]+)
    """,
    re.VERBOSE,
)
_FILTER = re.compile(
    r"^\s*@(?P<path>\S*?)\s*(?:(?P<op>==|!=|<=|>=|<|>)\s*(?P<to>.+?))?\s*$"
)
_RANGE = re.compile(r"range(?![\w-])")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}

Step = tuple[str, Any]


@dataclass
class Part:
    """Literal text, a path, or a range over a path with a body of parts."""

    text: str = ""
    path: Sequence[Step] | None = None
    body: list["Part"] | None = None


@dataclass
class Template:
    source: str
    parts: list[Part] = field(default_factory=list)


def parse(source: str) -> Template:
    """Parse a template. Raises Failure."""
    source = source if "{" in source else f"{{{source}}}"
    template = Template(source)
    stack = [template.parts]
    for kind, text in _tokens(source):
        if kind == "text":
            stack[-1].append(Part(text))
        elif text == "end":
            if len(stack) == 1:
                raise _error(source, "{end} without {range}")
            stack.pop()
        elif _RANGE.match(text):
            body: list[Part] = []
            path = _path(source, text.removeprefix("range").strip())
            stack[-1].append(Part(path=path, body=body))
            stack.append(body)
        elif text[:1] in "\"'" and text:
            stack[-1].append(Part(_unquote(text)))
        else:
            stack[-1].append(Part(path=_path(source, text)))
    if len(stack) > 1:
        raise _error(source, "{range} without {end}")
    return template


def render(template: Template, obj: Any) -> str:
    return "".join(_rendered(template.parts, obj, obj))


def values(template: Template, obj: Any) -> list[Any]:
    """All values that the paths of the template select."""
    return [
        v for p in template.parts if p.path is not None for v in _walk(p.path, obj, obj)
    ]


def to_text(value: Any) -> str:
    """A value as a template prints it: strings as they are, others as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def _rendered(parts: Sequence[Part], at: Any, root: Any) -> Iterator[str]:
    for part in parts:
        if part.path is None:
            yield part.text
        elif part.body is None:
            yield " ".join(to_text(v) for v in _walk(part.path, at, root))
        else:
            for value in _walk(part.path, at, root):
                yield from _rendered(part.body, value, root)


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(source):
        start = source.find("{", position)
        if start < 0:
            yield "text", source[position:]
            return
        if start > position:
            yield "text", source[position:start]
        end = _closing(source, start)
        yield "action", source[start + 1 : end].strip()
        position = end + 1


def _closing(source: str, start: int) -> int:
    quote = ""
    for index in range(start + 1, len(source)):
        char = source[index]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char == "}":
            return index
    raise _error(source, "unclosed action")


def _path(source: str, text: str) -> list[Step]:
    steps: list[Step] = []
    if text.startswith("$"):
        steps.append(("root", None))
    position = 1 if text[:1] in ("$", "@") else 0
    if text[position:] in ("", "."):
        return steps
    while position < len(text):
        found = _STEP.match(text, position)
        if found is None or (found["bare"] and position):
            raise _error(source, f"unrecognized {text[position:]!r}")
        steps.append(_step(source, found))
        position = found.end()
    return steps


def _step(source: str, found: re.Match[str]) -> Step:
    if found["deep"]:
        return "deep", found["deep"]
    if found["star"] or found["field"] == "*":
        return "all", None
    if found["filter"] is not None:
        return "filter", _filter(source, found["filter"])
    if found["slice"] is not None:
        return _slice(source, found["slice"])
    name = found["field"] or found["quoted"] or found["bare"] or ""
    return "field", re.sub(r"\\(.)", r"\1", name)


def _slice(source: str, text: str) -> Step:
    bounds = [int(b) if b not in ("", "-") else None for b in text.split(":")]
    if len(bounds) > 1:
        return "slice", slice(*bounds)
    if bounds[0] is None:
        raise _error(source, "empty array index")
    return "index", bounds[0]


def _filter(source: str, text: str) -> tuple[list[Step], str, Any]:
    found = _FILTER.match(text)
    if found is None:
        raise _error(source, f"unrecognized filter {text!r}")
    path = _path(source, "@" + found["path"])
    if found["op"] is None:
        return path, "", None
    operand = found["to"]
    if operand[:1] in "\"'":
        return path, found["op"], _unquote(operand)
    try:
        return path, found["op"], json.loads(operand)
    except ValueError as error:
        raise _error(source, f"unrecognized value {operand!r}") from error


def _walk(path: Sequence[Step], at: Any, root: Any) -> list[Any]:
    found = [at]
    for kind, argument in path:
        if kind == "root":
            found = [root]
        else:
            found = [
                v for value in found for v in _apply_step(kind, argument, value, root)
            ]
    return found


def _apply_step(kind: str, argument: Any, value: Any, root: Any) -> Iterator[Any]:
    members = value.values() if isinstance(value, dict) else value
    if kind == "field" and isinstance(value, dict) and argument in value:
        yield value[argument]
    elif kind == "deep":
        yield from _deep(argument, value)
    elif kind == "all" and isinstance(value, dict | list):
        yield from members
    elif kind == "filter" and isinstance(value, dict | list):
        yield from (m for m in members if _matches(argument, m, root))
    elif kind == "slice" and isinstance(value, list):
        yield from value[argument]
    elif kind == "index" and isinstance(value, list):
        yield from value[argument : argument + 1 or None]


def _deep(name: str, value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, member in value.items():
            if name in (key, "*"):
                yield member
            yield from _deep(name, member)
    elif isinstance(value, list):
        for member in value:
            yield from _deep(name, member)


def _matches(condition: tuple[Sequence[Step], str, Any], at: Any, root: Any) -> bool:
    path, operator, operand = condition
    found = _walk(path, at, root)
    if not operator:
        return bool(found)
    if not found:
        return False
    value = found[0]
    if operator in ("==", "!="):
        return bool(value == operand) == (operator == "==")
    try:
        ordered = {"<": value < operand, ">": value > operand}
        ordered |= {"<=": value <= operand, ">=": value >= operand}
    except TypeError:
        return False
    return bool(ordered[operator])


def _unquote(text: str) -> str:
    body = text[1:-1] if len(text) > 1 and text[-1] == text[0] else text[1:]
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), body)


def _error(source: str, problem: str) -> Failure:
    return Failure(f"error parsing jsonpath {source}, {problem}")
