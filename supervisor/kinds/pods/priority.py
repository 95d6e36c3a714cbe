"""The priority of a new pod, from its PriorityClass. Pure.

Rules
- A pod without a class gets the global default; without one, priority 0.
- Users do not set the number themselves; the one that follows from the class may stand
  there.

Follows plugin/pkg/admission/priority/admission.go.
"""

from collections.abc import Iterable

from supervisor.kinds.identity import POD, PRIORITY_CLASS
from supervisor.model.errors import ApiError, forbidden
from supervisor.model.meta import Object

_PREEMPTS = "PreemptLowerPriority"
_DEFAULT: Object = {"value": 0, "preemptionPolicy": _PREEMPTS}


def default_class(classes: Iterable[Object]) -> Object | None:
    """The global default; the lowest one, if there are several."""
    found = [each for each in classes if each.get("globalDefault")]
    return min(found, key=lambda each: each.get("value") or 0, default=None)


def unknown_class(pod: str, name: str) -> ApiError:
    """The 403 for a pod that names a class that does not exist."""
    return _refused(pod, f"no PriorityClass with name {name} was found")


def set_priority(pod: Object, name: str, found: Object | None) -> None:
    """Set what follows from the class `found`, which is None if there is no default.

    `name` is the name of the pod in messages. Raises ApiError 403.
    """
    spec, chosen = pod["spec"], found or _DEFAULT
    if found is not None:
        spec["priorityClassName"] = found["metadata"]["name"]
    value = chosen.get("value") or 0
    given = spec.get("priority")
    if given is not None and given != value:
        raise _refused(
            name,
            f"the integer value of priority ({given}) must not be provided in pod "
            f"spec; priority admission controller computed {value} from the given "
            "PriorityClass name",
        )
    spec["priority"] = value
    policy = chosen.get("preemptionPolicy")
    if not policy:
        return
    given = spec.get("preemptionPolicy")
    if given is not None and given != policy:
        raise _refused(
            name,
            f"the string value of PreemptionPolicy ({given}) must not be provided in "
            f"pod spec; priority admission controller computed {policy} from the given "
            "PriorityClass name",
        )
    spec["preemptionPolicy"] = policy


def check_single_default(new: Object, classes: Iterable[Object]) -> None:
    """Raises ApiError 403 if `new` would be a second global default."""
    before = default_class(classes) if new.get("globalDefault") else None
    name = new["metadata"].get("name", "")
    if before is None or before["metadata"]["name"] == name:
        return
    other = before["metadata"]["name"]
    raise forbidden(
        PRIORITY_CLASS.resource,
        name,
        f"PriorityClass {other} is already marked as default. Only one default can "
        "exist",
    )


def _refused(pod: str, detail: str) -> ApiError:
    return forbidden(POD.resource, pod, detail)
