"""The ports of a pod that somebody outside of it wants to reach. Pure.

Rules
- Those that probes and HTTP hooks ask at, and all that the containers declare: that is
  what port-forward is for. Only TCP.
- What a probe asks at a host that it names itself is no port of the pod.
- A port that does not exist is the probe's own trouble, and none of ours.
"""

from collections.abc import Iterator

from supervisor.model.pod import Container, Pod, Port, Probe
from supervisor.probing.ports import resolve


def reached_ports(pod: Pod) -> tuple[int, ...]:
    """In ascending order, each of them once."""
    found: set[int] = set()
    for container in pod.spec.all_containers:
        found |= {p.container_port for p in container.ports if p.protocol == "TCP"}
        for port in _asked(container):
            try:
                found.add(resolve(port, container))
            except ValueError:
                continue
    return tuple(sorted(found))


def _asked(container: Container) -> Iterator[Port]:
    probes = (
        container.liveness_probe,
        container.readiness_probe,
        container.startup_probe,
    )
    for probe in probes:
        if probe is not None:
            yield from _asked_by(probe)
    if (lifecycle := container.lifecycle) is not None:
        for hook in (lifecycle.post_start, lifecycle.pre_stop):
            if hook is not None and (get := hook.http_get) and not get.host:
                yield get.port


def _asked_by(probe: Probe) -> Iterator[Port]:
    if (get := probe.http_get) is not None and not get.host:
        yield get.port
    if (tcp := probe.tcp_socket) is not None and not tcp.host:
        yield tcp.port
    if (grpc := probe.grpc) is not None:
        yield grpc.port
