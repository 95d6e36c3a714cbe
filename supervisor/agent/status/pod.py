"""The status of a pod, from its spec, its last status and what the engine shows.

Follows pkg/kubelet/kubelet_pods.go (generateAPIPodStatus).
"""

from supervisor.agent.plan import Plan, Situation
from supervisor.agent.plan.pod import is_past_deadline
from supervisor.agent.status.conditions import conditions
from supervisor.agent.status.containers import Messages, container_status
from supervisor.agent.status.phase import phase
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
    inits, regular = rows(pod.spec.init_containers), rows(pod.spec.containers)
    overdue = is_past_deadline(it) and not before.reason
    now_in = phase(pod, inits, regular, overdue=overdue)
    reason, message = before.reason, before.message
    if overdue and now_in == "Failed" and not pod.is_finished:
        reason, message = "DeadlineExceeded", _DEADLINE_EXCEEDED
    ip = it.seen.ip or (host_ip if pod.spec.host_network and it.sandbox else "")
    return PodStatus(
        phase=now_in,
        conditions=conditions(it, now_in, inits, regular),
        message=message,
        reason=reason,
        host_ip=host_ip,
        pod_ip=ip,
        pod_ips=(PodIP(ip),) if ip else (),
        start_time=before.start_time or to_text(it.now),
        init_container_statuses=inits,
        container_statuses=regular,
        qos_class=before.qos_class or qos.of_pod(pod),
        observed_generation=pod.metadata.generation or None,
    )
