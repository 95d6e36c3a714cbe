"""The status of a pod, from its spec, its last status and what the engine shows.

Follows pkg/kubelet/kubelet_pods.go (generateAPIPodStatus) and pkg/kubelet/pleg
(getPodIPs).
"""

from supervisor.agent.pods.admission.rules import Rejection
from supervisor.agent.pods.plan import Plan, Situation
from supervisor.agent.pods.plan.pod import is_past_deadline
from supervisor.agent.pods.status.conditions import conditions
from supervisor.agent.pods.status.containers import Messages, container_status
from supervisor.agent.pods.status.phase import phase
from supervisor.model import qos
from supervisor.model.pod import Container, ContainerStatus, PodIP, PodStatus
from supervisor.model.times import to_text

_DEADLINE_EXCEEDED = "Pod was active on the node longer than the specified deadline"


def pod_status(
    it: Situation, todo: Plan, messages: Messages, *, host_ip: str
) -> PodStatus:
    """`todo` is the plan for the same situation: it knows who waits for what."""

    def rows(containers: tuple[Container, ...]) -> tuple[ContainerStatus, ...]:
        waits = ((c, todo.waiting_for(c.name)) for c in containers)
        return tuple(container_status(it, c, w, messages) for c, w in waits)

    pod, before = it.pod, it.pod.status
    if it.rejection is not None and not pod.is_finished:
        return _rejected(it, it.rejection)
    if _ended_before_it_began(it):
        return before
    inits, regular = rows(pod.spec.init_containers), rows(pod.spec.containers)
    overdue = is_past_deadline(it) and not before.reason
    now_in = phase(pod, inits, regular, overdue=overdue)
    reason, message = before.reason, before.message
    if overdue and now_in == "Failed" and not pod.is_finished:
        reason, message = "DeadlineExceeded", _DEADLINE_EXCEEDED
    ips = _ips(it, host_ip)
    return PodStatus(
        phase=now_in,
        conditions=conditions(it, now_in, inits, regular),
        message=message,
        reason=reason,
        host_ip=host_ip,
        pod_ip=ips[0].ip if ips else "",
        pod_ips=ips,
        start_time=before.start_time or to_text(it.now),
        init_container_statuses=inits,
        container_statuses=regular,
        qos_class=before.qos_class or qos.of_pod(pod),
        observed_generation=pod.metadata.generation or None,
    )


def _ips(it: Situation, host_ip: str) -> tuple[PodIP, ...]:
    """A pod without a network, such as one that has ended, keeps those it had."""
    if it.sandbox is None:
        before = it.pod.status
        return before.pod_ips or ((PodIP(before.pod_ip),) if before.pod_ip else ())
    ip = it.seen.ip or (host_ip if it.pod.spec.host_network else "")
    return (PodIP(ip),) if ip else ()


def _rejected(it: Situation, why: Rejection) -> PodStatus:
    """Nothing of the pod has run, so there is nothing to say of its containers."""
    pod, before = it.pod, it.pod.status
    return PodStatus(
        phase="Failed",
        conditions=before.conditions,
        reason=why.reason,
        message=f"Pod was rejected: {why.message}",
        start_time=before.start_time or to_text(it.now),
        qos_class=before.qos_class or qos.of_pod(pod),
        observed_generation=pod.metadata.generation or None,
    )


def _ended_before_it_began(it: Situation) -> bool:
    """It was rejected, or somebody else has ended it, with no container to speak of."""
    before = it.pod.status
    told = before.container_statuses or before.init_container_statuses
    return it.pod.is_finished and not told and not it.seen.containers
