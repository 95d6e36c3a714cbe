"""Pod: containers on one node that share a network address.

Follows pkg/registry/core/pod/strategy.go.
"""

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    CONNECT_VERBS,
    SEPARATE_STATUS,
    Admission,
    Deletion,
    Kind,
    Rules,
    SelectableFields,
    Subresource,
    Writes,
    no_warnings,
)
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.identity import POD
from supervisor.kinds.parts import status_subresource
from supervisor.kinds.pods import columns, description, validation
from supervisor.kinds.selectable import NODE_NAME
from supervisor.kinds.writing import keep
from supervisor.model import qos, times
from supervisor.model.defaults import add_default_tolerations, mark_strict_pod
from supervisor.model.defaults.pods import complete
from supervisor.model.meta import Object
from supervisor.model.pod import Pod

_DEFAULT_GRACE_SECONDS = 30


def admit(pod: Object, admission: Admission) -> None:
    mark_strict_pod(pod)
    add_default_tolerations(pod, admission.toleration_seconds)


def prepare_create(pod: Object, admission: Admission) -> None:
    spec = pod.get("spec") or {}
    status: Object = {"phase": "Pending", "qosClass": qos.of_spec(spec)}
    if spec.get("schedulingGates"):
        status["conditions"] = [gated(admission.now)]
    pod["status"] = status


def gated(now: float) -> Object:
    """The condition of a new pod with scheduling gates.

    Follows pkg/registry/core/pod/strategy.go (applySchedulingGatedCondition).
    """
    return {
        "type": "PodScheduled",
        "status": "False",
        "reason": "SchedulingGated",
        "message": "Scheduling is blocked due to non-empty scheduling gates",
        "lastTransitionTime": times.to_text(now),
    }


def prepare_update(new: Object, old: Object) -> None:
    """Keep what the server has derived from the PriorityClass."""
    spec, before = new.setdefault("spec", {}), old.get("spec") or {}
    for field in ("priority", "preemptionPolicy"):
        if spec.get(field) is None:
            keep(spec, before, field)


def prepare_status(new: Object, old: Object) -> None:
    """Keep ownerReferences, and the QoS class if the update has none."""
    keep(new["metadata"], old["metadata"], "ownerReferences")
    qos_class = (old.get("status") or {}).get("qosClass")
    if qos_class:
        new.setdefault("status", {}).setdefault("qosClass", qos_class)


def grace(pod: Object, asked: int | None) -> int:
    """The grace period in seconds; 0 for finished and unbound pods."""
    spec = pod.get("spec", {})
    finished = pod.get("status", {}).get("phase") in ("Succeeded", "Failed")
    if finished or not spec.get("nodeName"):
        return 0
    seconds = asked
    if seconds is None:
        seconds = spec.get("terminationGracePeriodSeconds", _DEFAULT_GRACE_SECONDS)
    return 1 if seconds < 0 else int(seconds)


def describe(page: Page, pod: Object, reader: Reader) -> None:
    description.describe(page, pod, reader.events(pod))


KIND = Kind(
    identity=POD,
    short_names=("po",),
    categories=("all",),
    verbs=ALL_VERBS,
    subresources=(
        Subresource(name="attach", kind="PodAttachOptions", verbs=CONNECT_VERBS),
        Subresource(name="binding", kind="Binding", verbs=("create",)),
        Subresource(
            name="eviction",
            kind="Eviction",
            verbs=("create",),
            group="policy",
            version="v1",
        ),
        Subresource(name="exec", kind="PodExecOptions", verbs=CONNECT_VERBS),
        Subresource(name="log", kind=POD.kind, verbs=("get",)),
        Subresource(
            name="portforward", kind="PodPortForwardOptions", verbs=CONNECT_VERBS
        ),
        status_subresource(POD),
    ),
    value_type=Pod,
    schema="",
    writes=Writes(
        complete=complete,
        admit=admit,
        generation=True,
        status=SEPARATE_STATUS,
        prepare_create=prepare_create,
        prepare_update=prepare_update,
        prepare_status=prepare_status,
    ),
    rules=Rules(
        create=validation.check,
        update=validation.check_update,
        status=validation.check_status_update,
        warnings=no_warnings,
        ignored=ignored.in_pod,
    ),
    fields=SelectableFields(
        paths=frozenset(
            {
                NODE_NAME,
                "spec.restartPolicy",
                "spec.schedulerName",
                "spec.serviceAccountName",
                "spec.hostNetwork",
                "status.phase",
                "status.podIP",
                "status.nominatedNodeName",
            }
        ),
        absent={"spec.hostNetwork": "false"},
    ),
    deletion=Deletion(
        default_propagation="Background",
        collected=True,
        answers_object=True,
        grace=grace,
    ),
    columns=columns.PRINTER,
    describe=describe,
    versions=(),
)
