"""The annotation that remembers what was applied last, in kubectl's format.

Follows kubectl/pkg/util/apply.go.
"""

import copy
from typing import Any

import msgspec

from supervisor.model.meta import Object

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def annotated(obj: Object) -> Object:
    """`obj` with the annotation of what is applied: `obj` itself, as one line."""
    plain = copy.deepcopy(obj)
    annotations: dict[str, Any] = dict(plain["metadata"].get("annotations") or {})
    annotations.pop(LAST_APPLIED, None)
    # kubectl writes the annotations always, so that both agree on "unchanged".
    plain["metadata"]["annotations"] = annotations
    text = msgspec.json.encode(plain, order="sorted").decode() + "\n"
    plain["metadata"]["annotations"] = annotations | {LAST_APPLIED: text}
    return plain


def last_applied(current: Object) -> Object | None:
    """What was applied last, if that is known. Raises ValueError."""
    text = (current["metadata"].get("annotations") or {}).get(LAST_APPLIED)
    if not text:
        return None
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise ValueError(
            f"the annotation {LAST_APPLIED} is no JSON: {error}"
        ) from error
    return found if isinstance(found, dict) else None
