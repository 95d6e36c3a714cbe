"""Tell the API how each pod stands, and the prober what there is to be probed.

Rules
- A status is written when it differs from the one that the API has, and only our part
  of it; resourceVersion and uid guard against writing over a newer pod.
- The pod's worker hands over what it has just seen, so that the engine is asked once.
- Reporting never keeps a restart back: it has a queue and threads of its own, and goes
  on while a container of the pod takes its time to stop.

Follows pkg/kubelet/status/status_manager.go.
"""

import threading

from supervisor.agent.node import engine_health
from supervisor.agent.pods.admission.rules import Rejection
from supervisor.agent.pods.bound_pods import PodRecord
from supervisor.agent.pods.plan import Situation
from supervisor.agent.pods.plan.pod import decide
from supervisor.agent.pods.status import pod_status
from supervisor.agent.pods.termination_messages import Messages
from supervisor.agent.site import Site
from supervisor.kinds.identity import POD
from supervisor.machinery.controller import Controller
from supervisor.model.equality import same
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object, encode
from supervisor.model.pod import PodStatus
from supervisor.probing.base import Target
from supervisor.runtime.base import (
    EngineUnavailable,
    ObservedPod,
    RuntimeFailure,
    State,
)

_OURS = (
    "phase",
    "conditions",
    "message",
    "reason",
    "hostIP",
    "podIP",
    "podIPs",
    "startTime",
    "initContainerStatuses",
    "containerStatuses",
    "qosClass",
    "observedGeneration",
)
"""Members of a pod's status that the agent answers for."""


class Reporter:
    def __init__(self, site: Site) -> None:
        self._site = site
        self._client = site.client
        self._clock = site.clock
        self._prober = site.prober
        self._bound_pods = site.bound_pods
        self._messages = Messages(site.runtime)
        self._lock = threading.Lock()
        #: What the worker of each pod has seen last, until it is reported.
        self._handed: dict[str, tuple[ObservedPod | None]] = {}
        self.controller: Controller[str] = Controller(
            "status", self.report, site.clock, expected=(ApiError,)
        )

    def wake(self, pod_uid: str) -> None:
        self.controller.wake(pod_uid)

    def tell(self, pod_uid: str, seen: ObservedPod | None) -> None:
        """Report a pod as it has just been seen."""
        with self._lock:
            self._handed[pod_uid] = (seen,)
        self.wake(pod_uid)

    def report_afresh(self, pod_uid: str) -> float | None:
        """Report a pod as it is now, whatever was seen of it before."""
        self._take_handed(pod_uid)
        return self.report(pod_uid)

    def _take_handed(self, pod_uid: str) -> tuple[ObservedPod | None] | None:
        with self._lock:
            return self._handed.pop(pod_uid, None)

    def report(self, pod_uid: str) -> float | None:
        """Bring the API's view of one pod, and its probes, up to date."""
        handed = self._take_handed(pod_uid)
        record = self._bound_pods.get(pod_uid)
        if record is None:
            self._prober.forget(pod_uid)
            self._messages.forget(pod_uid)
            return None
        try:
            self._site.health.require()
            seen = handed[0] if handed else self._site.runtime.pod(pod_uid)
            it = self._site.situation(record, seen)
            address = self._site.address(record, seen)
            self._site.silence_probes(it)
            self._prober.sync(record.pod, address, _targets(it))
            messages = self._messages.of(record.pod, seen)
        except RuntimeFailure as error:
            if isinstance(error, EngineUnavailable):
                self._site.health.lost(error)
            return self._clock.now() + engine_health.RETRY_SECONDS
        host_ip = self._site.node.address
        status = pod_status(it, decide(it), messages, host_ip=host_ip)
        return self._write(record, status, it.rejection)

    def _write(
        self, record: PodRecord, status: PodStatus, rejection: Rejection | None
    ) -> float | None:
        meta = record.pod.metadata
        changed = changes(record.obj.get("status") or {}, to_json(status))
        if not changed:
            return None
        guard = {"uid": meta.uid, "resourceVersion": meta.resource_version}
        patch = {"metadata": guard, "status": changed}
        try:
            newer = self._client.patch(
                POD.resource, meta.name, meta.namespace, patch, subresource="status"
            )
        except ApiError as error:
            if error.code not in (404, 409):
                raise
            return self._refresh(record)
        self._bound_pods.put(newer)
        if changed.get("reason"):
            # A pod gets one from us when it is rejected or its deadline has ended it.
            kind = "Normal" if rejection is None else "Warning"
            text = status.message if rejection is None else rejection.message
            self._site.events.pod(record, kind, status.reason, text)
        return None

    def _refresh(self, record: PodRecord) -> float | None:
        """Somebody else has changed the pod: take the newer one, and look again."""
        meta = record.pod.metadata
        try:
            newer = self._client.get(POD.resource, meta.name, meta.namespace)
        except ApiError as error:
            if error.code == 404:
                return None
            raise
        if newer["metadata"].get("uid") != meta.uid:
            return None
        self._bound_pods.put(newer)
        return self._clock.now()


def _targets(it: Situation) -> dict[str, Target]:
    """The running containers of a pod, as its probes need to know them."""
    found = {}
    spec = it.pod.spec
    for container in spec.all_containers:
        instance = it.history(container.name).running
        if instance is None or instance.state is not State.RUNNING:
            continue
        started = it.is_started(container, instance)
        found[container.name] = Target(
            container.name, instance.id, instance.started_at, started
        )
    return found


def to_json(status: PodStatus) -> Object:
    """As the API has it, where some members stand even with their usual value."""
    rows = [{"status": c.status} | encode(c) for c in status.conditions]
    return {"phase": status.phase} | encode(status) | {"conditions": rows}


def changes(before: Object, after: Object) -> Object:
    """What to merge into `before` to make our part of it `after`."""
    found = {}
    for name in _OURS:
        if not same(before.get(name), after.get(name)):
            found[name] = after.get(name)
    return found
