"""Validation of new pods, and of the few changes allowed later.

Follows ValidatePodCreate, ValidatePodUpdate and ValidatePodStatusUpdate of
pkg/apis/core/validation/validation.go.
"""

from copy import deepcopy

from supervisor.model import names
from supervisor.model.difference import difference
from supervisor.model.equality import same
from supervisor.model.errors import FieldError, forbidden_field, invalid, required
from supervisor.model.meta import Object
from supervisor.model.validation import containers, metadata, podspec, report, taints
from supervisor.model.validation.report import MAX_INT32, Errors

_LISTS = ("containers", "initContainers")
_CHANGEABLE = (
    "`spec.containers[*].image`",
    "`spec.initContainers[*].image`",
    "`spec.activeDeadlineSeconds`",
    "`spec.tolerations` (only additions to existing tolerations)",
    "`spec.terminationGracePeriodSeconds` "
    "(allow it to be set to 1 if it was previously negative)",
)
_DEADLINE, _GRACE = "activeDeadlineSeconds", "terminationGracePeriodSeconds"
_DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"


def check(pod: Object) -> Errors:
    spec = pod.get("spec") or {}
    yield from metadata.check(
        pod["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from _meta_and_spec(pod)
    if spec.get("ephemeralContainers"):
        yield forbidden_field("spec.ephemeralContainers", "cannot be set on create")
    if spec.get("nodeName") and spec.get("schedulingGates"):
        detail = "cannot be set until all schedulingGates have been cleared"
        yield forbidden_field("spec.nodeName", detail)


def check_annotations(annotations: Object, field: str) -> Errors:
    """Validate annotations that the system interprets."""
    cost = annotations.get(_DELETION_COST)
    if cost is None:
        return
    try:
        valid = -MAX_INT32 - 1 <= int(cost) <= MAX_INT32
    except ValueError:
        valid = False
    if not valid:
        yield invalid(f"{field}[{_DELETION_COST}]", cost, "must be a 32bit integer")


def _meta_and_spec(pod: Object) -> Errors:
    annotations = pod["metadata"].get("annotations") or {}
    yield from check_annotations(annotations, "metadata.annotations")
    spec = pod.get("spec") or {}
    yield from podspec.check(spec, "spec", is_pod=True)
    for field in _LISTS:
        yield from containers.check_images(spec.get(field) or [], f"spec.{field}")


def check_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    yield from _meta_and_spec(new)
    now, before = new.get("spec") or {}, old.get("spec") or {}
    for field in _LISTS:
        given = now.get(field) or []
        if len(given) != len(before.get(field) or []):
            detail = "pod updates may not add or remove containers"
            yield forbidden_field(f"spec.{field}", detail)
            return
    wrong = list(_deadline(now.get(_DEADLINE), before.get(_DEADLINE)))
    yield from wrong
    if wrong and now.get(_DEADLINE) is not None:
        return
    tolerations = now.get("tolerations") or [], before.get("tolerations") or []
    yield from taints.check_only_added(*tolerations, "spec.tolerations")
    yield from _gates(now, before)
    if before.get("schedulingGates"):
        yield from _selector(now, before)
    yield from _everything_else(now, before)


def _deadline(new: int | None, old: int | None) -> Errors:
    field = f"spec.{_DEADLINE}"
    if new is None:
        if old is not None:
            detail = "must not update from a positive integer to nil value"
            yield invalid(field, None, detail)
        return
    yield from report.between(field, new, 0, MAX_INT32)
    if old is not None and new > old:
        yield invalid(field, new, "must be less than or equal to previous value")


def _gates(new: Object, old: Object) -> Errors:
    before = {gate.get("name") for gate in old.get("schedulingGates") or []}
    for place, gate in enumerate(new.get("schedulingGates") or []):
        if gate.get("name") not in before:
            detail = (
                "only deletion is allowed, but found new scheduling gate "
                f"'{gate.get('name')}'"
            )
            yield forbidden_field(f"spec.schedulingGates[{place}].name", detail)


def _selector(new: Object, old: Object) -> Errors:
    """The node selector of a gated pod may only be extended."""
    now, before = new.get("nodeSelector") or {}, old.get("nodeSelector") or {}
    if not before.items() <= now.items():
        detail = "only additions are allowed (existing keys cannot be changed)"
        yield invalid("spec.nodeSelector", now, detail)


def _everything_else(new: Object, old: Object) -> Errors:
    """Revert allowed changes; any remaining difference is an error."""
    rest = deepcopy(new)
    for field in _LISTS:
        for mine, theirs in zip(
            rest.get(field) or [], old.get(field) or [], strict=True
        ):
            mine["image"] = theirs.get("image")
    gated = ("nodeSelector",) if old.get("schedulingGates") else ()
    for field in (_DEADLINE, "tolerations", "schedulingGates", *gated):
        rest[field] = old.get(field)
    if (old.get(_GRACE) or 0) < 0 and rest.get(_GRACE) == 1:
        rest[_GRACE] = old[_GRACE]
    if not same(rest, old):
        listed = ",".join(_CHANGEABLE)
        detail = f"pod updates may not change fields other than {listed}\n"
        yield forbidden_field("spec", detail + difference(old, rest))


def check_status_update(new: Object, old: Object) -> Errors:
    yield from metadata.check_update(new["metadata"], old["metadata"])
    now, before = new.get("status") or {}, old.get("status") or {}
    if not same(now.get("qosClass"), before.get("qosClass")):
        yield invalid("status.qosClass", now.get("qosClass"), report.IMMUTABLE)
    policy = (old.get("spec") or {}).get("restartPolicy")
    for field in ("containerStatuses", "initContainerStatuses"):
        yield from _stays_ended(field, now, before, old, policy)
    for place, pod_ip in enumerate(now.get("podIPs") or []):
        ip = pod_ip.get("ip") or ""
        yield from report.each(f"status.podIPs[{place}].ip", ip, names.ip(ip))


def _stays_ended(
    field: str, now: Object, before: Object, old: Object, policy: str | None
) -> Errors:
    """A terminated container that is not restarted must stay terminated."""
    if policy == "Always":
        return
    listed = (old.get("spec") or {}).get("initContainers") or []
    sidecars = {c.get("name") for c in listed if c.get("restartPolicy") == "Always"}
    current = {s.get("name"): s.get("state") or {} for s in now.get(field) or []}
    for place, status in enumerate(before.get(field) or []):
        ended = (status.get("state") or {}).get("terminated")
        name = status.get("name")
        if ended is None or name in sidecars or name not in current:
            continue
        if ended.get("exitCode") != 0 and policy == "OnFailure":
            continue
        if current[name].get("terminated") is None:
            detail = "may not be transitioned to non-terminated state"
            yield forbidden_field(f"status.{field}[{place}].state", detail)


def check_binding(binding: Object) -> list[FieldError]:
    """Errors in a Binding of a pod to a node."""
    target = binding.get("target") or {}
    found = []
    if target.get("kind") not in (None, "", "Node"):
        allowed = ("Node", "<empty>")
        found += list(report.one_of("target.kind", target["kind"], allowed))
    if not target.get("name"):
        found.append(required("target.name"))
    return found
