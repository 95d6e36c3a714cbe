"""What a command line does to the taints of a node. Pure.

Rules
- `KEY=VALUE:EFFECT` and `KEY:EFFECT` add a taint; `KEY:EFFECT-` removes that one, and
  `KEY-` all of the key.
- Taints are told apart by key and effect. One that is there is changed with --overwrite
  only.

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
    added: list[Object] = field(default_factory=list)
    removed: list[Object] = field(default_factory=list)


def parse(words: Sequence[str]) -> Changes:
    """The changes that `words` ask for. Raises Failure."""
    changes = Changes()
    for word in words:
        if word.endswith("-"):
            changes.removed.append(_removed(word))
        else:
            changes.added.append(_added(word))
    if not words:
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


def _added(word: str) -> Object:
    spec, colon, effect = word.partition(":")
    key, equals, value = spec.partition("=")
    if not colon or ":" in effect or "=" in value:
        raise Failure(f"invalid taint spec: {word}", "write KEY=VALUE:EFFECT")
    _check(word, key, effect)
    if wrong := names.label_value(value):
        raise Failure(f"invalid taint spec: {word}, {'; '.join(wrong)}")
    taint = {"key": key, "effect": effect}
    return taint | ({"value": value} if equals and value else {})


def _removed(word: str) -> Object:
    spec, _, effect = word.removesuffix("-").partition(":")
    key = spec.partition("=")[0]
    _check(word, key, effect or EFFECTS[0])
    return {"key": key} | ({"effect": effect} if effect else {})


def _check(word: str, key: str, effect: str) -> None:
    if effect not in EFFECTS:
        raise Failure(
            f"invalid taint effect: {effect}, unsupported taint effect",
            f"there are {', '.join(EFFECTS)}",
        )
    if wrong := names.qualified(key):
        raise Failure(f"invalid taint spec: {word}, {'; '.join(wrong)}")


def applied(
    node: Object, changes: Changes, overwrite: bool
) -> tuple[str, list[Object], list[str]]:
    """What is done (`tainted`, ...), the taints then, and what was not found.

    Raises Failure for a taint that is there and may not be changed.
    """
    old: list[Object] = (node.get("spec") or {}).get("taints") or []
    there = {_identity(taint) for taint in old}
    clashes = [t for t in changes.added if _identity(t) in there]
    if clashes and not overwrite:
        shown = ",".join(t["key"] for t in clashes)
        raise Failure(
            f"node {node['metadata']['name']} already has {shown} taint(s) with same "
            "effect(s) and --overwrite is false",
            "add --overwrite to replace it",
        )
    fresh = {_identity(t) for t in changes.added}
    taints = [*changes.added, *(t for t in old if _identity(t) not in fresh)]
    is_added = len(taints) != len(old)
    missing = [
        _shown(r) for r in changes.removed if not any(_covers(r, t) for t in taints)
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


def _shown(removed: Object) -> str:
    effect = removed.get("effect")
    return f"{removed['key']}:{effect}" if effect else str(removed["key"])
