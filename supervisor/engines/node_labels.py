"""The labels that an Engine gives its Node. Pure.

A label that is removed from the Engine must be removed from the Node, also after a
restart of the daemon. So an annotation of the Node lists the labels from its Engine.
"""

from collections.abc import Mapping

from supervisor.model.meta import Object

REMEMBERED = "supervisor.io/engine-labels"


def patch(node: Object, wanted: Mapping[str, str]) -> Object | None:
    """The merge patch that sets the labels `wanted`; None if they are set."""
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
