"""Parsing and applying changes to the taints of a node. Pure.

Rules
- `KEY=VALUE:EFFECT` and `KEY:EFFECT` add a taint; `KEY:EFFECT-` removes that taint, and
  `KEY-` removes all taints with the key.
- Taints are identified by key and effect. An existing taint is changed only with
  --overwrite.

Follows kubectl/pkg/cmd/taint/{taint,utils}.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from supervisor.cli.failure import Failure
from supervisor.model import names
from supervisor.model.meta import Object

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


@dataclass
class Changes:
    """Taints to add and to remove; those to remove may lack an effect."""

    added: list[Object] = field(default_factory=list)
    removed: list[Object] = field(default_factory=list)


def parse(specs: Sequence[str]) -> Changes:
    """Parse `specs`. Raises Failure for invalid or conflicting changes."""
    changes = Changes()
    for spec_text in specs:
        if spec_text.endswith("-"):
            changes.removed.append(_parse_removal(spec_text))
        else:
            changes.added.append(_parse_addition(spec_text))
    if not specs:
        raise Failure("at least one taint update is required")
    identities = [_identity(taint) for taint in changes.added]
    for identity in identities:
        if identities.count(identity) > 1:
            shown = ":".join(identity)
            raise Failure(f"duplicated taints with the same key and effect: {shown}")
    both = [t for t in changes.added if any(_covers(r, t) for r in changes.removed)]
    if both:
        shown = ", ".join(f"{t['key']}:{t['effect']}" for t in both)
        raise Failure(
            "can not both modify and remove the following taint(s) in the same "
            f"command: {shown}"
        )
    return changes


def _parse_addition(spec_text: str) -> Object:
    spec, colon, effect = spec_text.partition(":")
    key, equals, value = spec.partition("=")
    if not colon or ":" in effect or "=" in value:
        raise Failure(f"invalid taint spec: {spec_text}", "write KEY=VALUE:EFFECT")
    _check(spec_text, key, effect)
    if wrong := names.label_value(value):
        raise Failure(f"invalid taint spec: {spec_text}, {'; '.join(wrong)}")
    taint = {"key": key, "effect": effect}
    return taint | ({"value": value} if equals and value else {})


def _parse_removal(spec_text: str) -> Object:
    spec, _, effect = spec_text.removesuffix("-").partition(":")
    key = spec.partition("=")[0]
    _check(spec_text, key, effect or EFFECTS[0])
    return {"key": key} | ({"effect": effect} if effect else {})


def _check(spec_text: str, key: str, effect: str) -> None:
    if effect not in EFFECTS:
        raise Failure(
            f"invalid taint effect: {effect}, unsupported taint effect",
            f"supported effects are {', '.join(EFFECTS)}",
        )
    if wrong := names.qualified(key):
        raise Failure(f"invalid taint spec: {spec_text}, {'; '.join(wrong)}")


def apply_changes(
    node: Object, changes: Changes, overwrite: bool
) -> tuple[str, list[Object], list[str]]:
    """Return the outcome (`tainted`, ...), the new taints, and removals not found.

    Raises Failure for an existing taint unless `overwrite` is true.
    """
    old: list[Object] = (node.get("spec") or {}).get("taints") or []
    existing = {_identity(taint) for taint in old}
    clashes = [t for t in changes.added if _identity(t) in existing]
    if clashes and not overwrite:
        shown = ",".join(t["key"] for t in clashes)
        raise Failure(
            f"node {node['metadata']['name']} already has {shown} taint(s) with same "
            "effect(s) and --overwrite is false",
            "add --overwrite to replace it",
        )
    added = {_identity(t) for t in changes.added}
    taints = [*changes.added, *(t for t in old if _identity(t) not in added)]
    is_added = len(taints) != len(old)
    missing = [
        _format(r) for r in changes.removed if not any(_covers(r, t) for t in taints)
    ]
    left = [t for t in taints if not any(_covers(r, t) for r in changes.removed)]
    is_removed = len(left) != len(taints)
    if (is_added and is_removed) or overwrite:
        return "modified", left, missing
    return ("tainted" if is_added else "untainted"), left, missing


def _identity(taint: Object) -> tuple[str, str]:
    return str(taint["key"]), str(taint.get("effect") or "")


def _covers(removed: Object, taint: Object) -> bool:
    same_key = bool(removed["key"] == taint["key"])
    return same_key and removed.get("effect") in (None, taint.get("effect"))


def _format(removed: Object) -> str:
    effect = removed.get("effect")
    return f"{removed['key']}:{effect}" if effect else str(removed["key"])
