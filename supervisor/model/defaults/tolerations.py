"""How long a pod that says nothing about it stays bound to a lost node.

Follows plugin/pkg/admission/defaulttolerationseconds/admission.go, with fewer seconds.
"""

from supervisor.model.meta import Object
from supervisor.model.taints import LOST, NO_EXECUTE


def add_default_tolerations(pod: Object, seconds: int) -> None:
    """Have `pod` tolerate a lost node that long, unless it says something of its own.

    A toleration of every key, or of one of the two keys, is such a say, whatever its
    seconds are; none means for ever.
    """
    spec = pod.setdefault("spec", {})
    given = spec.get("tolerations") or []
    spec["tolerations"] = given + [
        _default(key, seconds) for key in LOST if not _speaks_of(given, key)
    ]


def _speaks_of(tolerations: list[Object], key: str) -> bool:
    return any(
        (t.get("key") or key) == key and (t.get("effect") or NO_EXECUTE) == NO_EXECUTE
        for t in tolerations
    )


def _default(key: str, seconds: int) -> Object:
    return {
        "key": key,
        "operator": "Exists",
        "effect": NO_EXECUTE,
        "tolerationSeconds": seconds,
    }
