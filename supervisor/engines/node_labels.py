"""The labels of a Node that come from its Engine. Pure.

A label that leaves the Engine must leave the Node too, after a restart of the daemon as
well, so the Node remembers in an annotation which of its labels came from there.
"""

from collections.abc import Mapping

from supervisor.model.meta import Object

REMEMBERED = "supervisor.io/engine-labels"


def patch(node: Object, wanted: Mapping[str, str]) -> Object | None:
    """The merge patch that gives `node` the labels `wanted`; None if it has them."""
    meta = node["metadata"]
    there = meta.get("labels") or {}
    noted = (meta.get("annotations") or {}).get(REMEMBERED, "")
    before = [key for key in noted.split(",") if key]
    changed: dict[str, str | None] = {
        key: value for key, value in wanted.items() if there.get(key) != value
    }
    changed |= {key: None for key in before if key not in wanted and key in there}
    note = ",".join(sorted(wanted))
    if not changed and note == noted:
        return None
    result: Object = {"annotations": {REMEMBERED: note or None}}
    if changed:
        result["labels"] = changed
    return {"metadata": result}
