"""kubectl's annotation with the last applied configuration.

Follows kubectl/pkg/util/apply.go.
"""

import copy
from typing import Any

import msgspec

from supervisor.model.meta import Object

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def annotated(obj: Object) -> Object:
    """A copy of `obj` whose annotation contains `obj` itself as JSON."""
    plain = copy.deepcopy(obj)
    annotations: dict[str, Any] = dict(plain["metadata"].get("annotations") or {})
    annotations.pop(LAST_APPLIED, None)
    # kubectl always writes the member; if we did not, the texts would differ.
    plain["metadata"]["annotations"] = annotations
    text = msgspec.json.encode(plain, order="sorted").decode() + "\n"
    plain["metadata"]["annotations"] = annotations | {LAST_APPLIED: text}
    return plain


def last_applied(current: Object) -> Object | None:
    """The last applied configuration, if annotated. Raises ValueError if not JSON."""
    text = (current["metadata"].get("annotations") or {}).get(LAST_APPLIED)
    if not text:
        return None
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise ValueError(
            f"the annotation {LAST_APPLIED} is not JSON: {error}"
        ) from error
    return found if isinstance(found, dict) else None
