"""YAML as Kubernetes reads it, which is not quite as PyYAML does.

Rules
- Only true and false are booleans, and dates are text: `yes`, `on` and `2020-01-01`
  stay what was written. Numbers may have an exponent alone (`1e3`).
- A key that stands twice in one mapping is an error, and keys are text.
- Errors carry the line. Nesting has an end.

Follows sigs.k8s.io/yaml (go-yaml v2).
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.constructor import ConstructorError
from yaml.nodes import MappingNode, Node, ScalarNode

#: Far more than any object of the API has.
_DEEPEST = 200

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    yaml_implicit_resolvers: dict[str, Any] = {}
    _depth = 0

    def descend_resolver(self, current_node: Node | None, current_index: Any) -> None:
        # The parser's own recursion has no limit but the machine's stack.
        self._depth += 1
        if self._depth > _DEEPEST:
            mark = current_node.start_mark if current_node else None
            problem = f"nested more than {_DEEPEST} levels deep"
            raise ConstructorError(None, None, problem, mark)
        super().descend_resolver(current_node, current_index)

    def ascend_resolver(self) -> None:
        self._depth -= 1
        super().ascend_resolver()

    def construct_mapping(self, node: Node, deep: bool = False) -> dict[str, Any]:
        if not isinstance(node, MappingNode):
            mapping: dict[str, Any] = super().construct_mapping(node, deep)
            return mapping
        self._refuse_twins(node)
        self.flatten_mapping(node)
        return {
            _text(self.construct_object(key, deep=True)): self.construct_object(
                value, deep=deep
            )
            for key, value in node.value
        }

    def _refuse_twins(self, node: MappingNode) -> None:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, ScalarNode):
                problem = "a key must be text, found a structure"
                raise ConstructorError(None, None, problem, key.start_mark)
            if key.value in seen and not key.tag.endswith(":merge"):
                problem = f'key "{key.value}" already set in map'
                raise ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)


def _text(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key)


_SCALARS = [
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*)", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)"
        r"|\.(nan|NaN|NAN)",
        "-+0123456789.",
    ),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
]
_PATTERNS = [re.compile(f"(?:{pattern})$") for _, pattern, _ in _SCALARS]
for (_tag, _, _first), _pattern in zip(_SCALARS, _PATTERNS, strict=True):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", _pattern, list(_first))


def is_text(plain: str) -> bool:
    """A scalar without quotes is text, and no number, boolean or null."""
    return not any(pattern.match(plain) for pattern in _PATTERNS)


class YamlError(ValueError):
    """Text that is no YAML: `line` is where, `problem` what was found."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.problem = problem


def documents(text: str) -> Iterator[tuple[int, Any]]:
    """The documents of `text`, each with the line at which it begins; JSON too.

    Raises YamlError.
    """
    loader = _Loader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            yield node.start_mark.line + 1, loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = ", ".join(filter(None, (error.context, error.problem)))
        raise YamlError(mark.line + 1 if mark else 1, problem) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise YamlError(1, " ".join(str(error).split())) from error
    finally:
        loader.dispose()
