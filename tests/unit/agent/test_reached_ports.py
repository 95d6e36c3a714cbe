"""Which ports of a pod have to be reached from outside."""

from supervisor.agent.containers.configs import sandbox_config
from supervisor.agent.containers.reached_ports import reached_ports
from supervisor.model.meta import Object, decode
from supervisor.model.pod import Pod


def pod(*containers: Object, **spec: object) -> Pod:
    body = {"containers": [{"name": f"c{i}", **c} for i, c in enumerate(containers)]}
    meta = {"name": "web", "namespace": "default", "uid": "u1"}
    return decode(Pod, {"metadata": meta, "spec": body | spec})


def test_those_that_containers_declare() -> None:
    """Only TCP, each of them once, in order."""
    ports = [
        {"containerPort": 9090},
        {"containerPort": 53, "protocol": "UDP"},
        {"containerPort": 8080},
    ]

    assert reached_ports(pod({"ports": ports}, {"ports": ports})) == (8080, 9090)


def test_those_of_all_probes_and_hooks() -> None:
    """Also by name, and those of init containers."""
    asked = {
        "ports": [{"name": "http", "containerPort": 80}],
        "livenessProbe": {"httpGet": {"port": "http"}},
        "readinessProbe": {"tcpSocket": {"port": 81}},
        "startupProbe": {"grpc": {"port": 82}},
        "lifecycle": {
            "postStart": {"httpGet": {"port": 83}},
            "preStop": {"httpGet": {"port": "84"}},
        },
    }
    init = [{"name": "i", "readinessProbe": {"tcpSocket": {"port": 85}}}]

    assert reached_ports(pod(asked, initContainers=init)) == (80, 81, 82, 83, 84, 85)


def test_not_those_of_other_hosts_or_of_no_sense() -> None:
    """A probe's own host is dialled as it is; an unknown name is the probe's matter."""
    elsewhere = {
        "livenessProbe": {"httpGet": {"port": 80, "host": "10.0.0.1"}},
        "readinessProbe": {"tcpSocket": {"port": 81, "host": "10.0.0.1"}},
        "startupProbe": {"tcpSocket": {"port": "nobody"}},
    }

    assert reached_ports(pod(elsewhere)) == ()


def test_none_with_the_hosts_network() -> None:
    """Such a pod's ports are the host's already."""
    given = {"ports": [{"containerPort": 80}]}

    assert sandbox_config(pod(given), 0).reached_ports == (80,)
    assert sandbox_config(pod(given, hostNetwork=True), 0).reached_ports == ()
