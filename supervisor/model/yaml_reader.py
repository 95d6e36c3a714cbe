"""Read YAML as JSON data, the way kubectl's converter does.

Rules
- Only JSON comes out: no dates, no sexagesimal numbers, no tags of Python's; keys are
  text.
- Values are counted while they are read, those behind aliases each time, so that a
  small document never becomes a large one.
- Booleans are those of YAML 1.1: `yes`, `y`, `on` and their likes are true. Dates and
  times are text.

Imported only when needed: PyYAML is large. Follows sigs.k8s.io/yaml (goyaml.v2).
"""

import copy
import math
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import yaml

from supervisor.model.meta import Object

#: In one document.
_MAX_VALUES = 200_000
#: Far more than any object of the API has.
_MAX_DEPTH = 200
_MERGE = "<<"
_TAG = "tag:yaml.org,2002:"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NULL = re.compile(r"(~|null|Null|NULL|)\Z")
_TRUE = re.compile(r"(true|True|TRUE|y|Y|yes|Yes|YES|on|On|ON)\Z")
_FALSE = re.compile(r"(false|False|FALSE|n|N|no|No|NO|off|Off|OFF)\Z")
_INTEGER = re.compile(r"[-+]?(0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")


class YamlError(ValueError):
    """Text that is no YAML: `problem` is what, `line` is where, if that is known."""

    def __init__(self, line: int | None, problem: str) -> None:
        super().__init__(problem if line is None else f"line {line}: {problem}")
        self.line = line
        self.problem = problem


def read(body: bytes, *, max_depth: int) -> tuple[Any, list[str]]:
    """The data of the only document, and the paths of its duplicate keys.

    Raises YamlError; UnicodeDecodeError.
    """
    reader = _Reader(body.decode("utf-8-sig"), max_depth)
    found = list(islice(reader.documents(), 2))
    if len(found) > 1:
        raise YamlError(found[1][0], "there is more than one document")
    data = found[0][1] if found else None
    return data, [path for _, path in reader.duplicates]


def documents(text: str) -> Iterator[tuple[int, Any]]:
    """The documents of `text`, each with the line at which it begins; JSON too.

    Raises YamlError, also for a key that stands twice in one mapping.
    """
    reader = _Reader(text, _MAX_DEPTH)
    for line, data in reader.documents():
        for at, path in reader.duplicates:
            raise YamlError(at, f'key "{path}" already set in map')
        yield line, data


def one(text: str) -> Any:
    """The data of the only document; None for an empty text.

    Raises YamlError, also for a key that stands twice in one mapping.
    """
    found = list(islice(documents(text), 2))
    if len(found) > 1:
        raise YamlError(found[1][0], "there is more than one document")
    return found[0][1] if found else None


def is_text(plain: str) -> bool:
    """A scalar without quotes is text, and no number, boolean or null."""
    if plain == _MERGE:
        return False
    try:
        return isinstance(_meaning(plain), str)
    except ValueError:
        return False


def _fault_of(error: yaml.YAMLError) -> YamlError:
    problem = getattr(error, "problem", None) or " ".join(str(error).split())
    mark = getattr(error, "problem_mark", None)
    return YamlError(mark.line + 1 if mark else None, problem)


class _Reader:
    """Builds data from the parser's events."""

    def __init__(self, text: str, max_depth: int) -> None:
        #: Line and path of each key that stands in its mapping already.
        self.duplicates: list[tuple[int, str]] = []
        self._events: Iterator[Any] = yaml.parse(text, Loader=_Loader)
        self._max_depth = max_depth
        self._count = 0
        #: Finished values by anchor, with the number of values in each.
        self._anchors: dict[str, tuple[Any, int]] = {}

    def documents(self) -> Iterator[tuple[int, Any]]:
        """Each with its first line."""
        try:
            for event in self._events:
                if isinstance(event, yaml.DocumentStartEvent):
                    self._count, self._anchors = 0, {}
                    first = next(self._events)
                    yield first.start_mark.line + 1, self._value(first, "", 0)
        except yaml.YAMLError as error:
            raise _fault_of(error) from error

    def _value(self, event: Any, path: str, depth: int) -> Any:
        if depth > self._max_depth:
            text = f"exceeded max depth: more than {self._max_depth} levels"
            raise _fault(event, text)
        if isinstance(event, yaml.AliasEvent):
            return self._aliased(event)
        before = self._count
        self._counted(event, 1)
        if isinstance(event, yaml.MappingStartEvent):
            made: Any = self._mapping(path, depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            made = self._sequence(path, depth)
        else:
            made = _scalar(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = (made, self._count - before)
        return made

    def _counted(self, event: Any, values: int) -> None:
        self._count += values
        if self._count > _MAX_VALUES:
            raise _fault(event, f"more than {_MAX_VALUES} values, aliases expanded")

    def _aliased(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            raise _fault(event, f"unknown anchor '{event.anchor}' referenced")
        value, size = self._anchors[event.anchor]
        self._counted(event, size)
        return copy.deepcopy(value)

    def _sequence(self, path: str, depth: int) -> list[Any]:
        made: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            made.append(self._value(event, f"{path}[{len(made)}]", depth + 1))
        return made

    def _mapping(self, path: str, depth: int) -> Object:
        made: Object = {}
        merged: Object = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if _is_merge(event):
                source = self._value(next(self._events), path, depth + 1)
                merged = _merged(event, source) | merged
                continue
            key = _key(event, self._value(event, path, depth + 1))
            here = f"{path}.{key}" if path else key
            if key in made:
                self.duplicates.append((event.start_mark.line + 1, here))
            made[key] = self._value(next(self._events), here, depth + 1)
        return merged | made


def _fault(event: Any, text: str) -> YamlError:
    return YamlError(event.start_mark.line + 1, text)


def _is_merge(event: Any) -> bool:
    is_plain = isinstance(event, yaml.ScalarEvent) and event.implicit[0]
    return is_plain and event.value == _MERGE


def _merged(event: Any, source: Any) -> Object:
    """The mapping, or mappings, behind `<<`; the first of several wins."""
    merged: Object = {}
    for one in source if isinstance(source, list) else [source]:
        if not isinstance(one, dict):
            raise _fault(
                event, "map merge requires map or sequence of maps as the value"
            )
        merged = one | merged
    return merged


def _key(event: Any, value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case int() | float():
            return str(value)
        case _:
            raise _fault(event, "a key must be text")


def _scalar(event: Any) -> Any:
    text: str = event.value
    if event.tag is None:
        if not event.implicit[0]:
            return text
        return _resolved(event, text)
    match event.tag.removeprefix(_TAG):
        case "str" | "!":
            return text
        case "null" | "bool" | "int" | "float":
            return _resolved(event, text)
        case _:
            raise _fault(event, f"the tag {event.tag} has no meaning in JSON")


def _resolved(event: Any, text: str) -> Any:
    try:
        return _meaning(text)
    except ValueError:
        raise _fault(event, f"cannot read the number {text[:40]!r}") from None


def _meaning(text: str) -> Any:
    """What a plain scalar stands for. Raises ValueError."""
    if _NULL.match(text):
        return None
    if _TRUE.match(text):
        return True
    if _FALSE.match(text):
        return False
    if _INTEGER.match(text):
        return _integer(text.replace("_", ""))
    if _FLOAT.match(text):
        return _number(text)
    return text


def _integer(text: str) -> int | float:
    unsigned = text.lstrip("+-")
    if len(unsigned) > 1 and unsigned.isdigit() and unsigned[0] == "0":
        # YAML 1.1 writes file modes such as 0644 in octal; 089 is a plain number.
        is_octal = not set(unsigned) & set("89")
        return int(text, 8) if is_octal else _number(text)
    return int(text, 0)


def _number(text: str) -> int | float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return int(value) if value.is_integer() else value
