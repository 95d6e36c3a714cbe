"""A whole node on a remote engine: pods, probes, and trouble on the way."""

from collections.abc import Iterator

import pytest

from supervisor.model.meta import Object
from supervisor.runtime.docker.runtime import DockerRuntime
from tests import docker_engine
from tests.checks import always, eventually, shell
from tests.integration.reach.conftest import is_up
from tests.integration.reach.node import Node, node
from tests.relay import Relay
from tests.sshd import NAME, Sshd

pytestmark = pytest.mark.docker

SERVE = "mkdir /w; printf ok > /w/index.html; exec httpd -f -p 8080 -h /w"
PROBED: Object = {
    "ports": [{"containerPort": 8080}],
    "livenessProbe": {
        "httpGet": {"path": "/index.html", "port": 8080},
        "periodSeconds": 1,
        "failureThreshold": 2,
    },
    "readinessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 1},
    "lifecycle": {"preStop": {"httpGet": {"path": "/index.html", "port": 8080}}},
}


@pytest.fixture
def cluster() -> Iterator[str]:
    name = docker_engine.new_cluster()
    yield name
    api = docker_engine.client()
    docker_engine.remove_cluster(api, name)
    api.close()


def runs_a_pod(it: Node) -> str:
    """Ready by its probe, restarted by its liveness, and reached by port-forward."""
    docker_engine.bring_shell()
    uid = it.run("web", shell("web", SERVE, **PROBED))
    eventually(lambda: it.status("web").get("ready"), what="the pod is ready")
    exec_ = it.agent.connection.exec
    session = exec_(uid, "web", ["rm", "/w/index.html"], stdin=False, tty=False)
    assert session.exit_code() == 0
    session.close()
    eventually(lambda: it.status("web").get("restartCount") == 1, what="a restart")
    eventually(lambda: it.status("web").get("ready"), what="the pod is ready again")

    stream = it.agent.connection.dial(uid, 8080)
    stream.write(b"GET /index.html HTTP/1.0\r\n\r\n")
    text = b""
    while piece := stream.read():
        text += piece
    stream.close()

    assert text.endswith(b"ok")
    return uid


def test_a_pod_on_an_ssh_host(sshd: Sshd, cluster: str) -> None:
    """All goes through the tunnel. A host that freezes has its containers untouched."""
    runtime = DockerRuntime(
        f"ssh://{NAME}", cluster=cluster, node="n", ssh_config=sshd.config()
    )
    with node(runtime) as it:
        runs_a_pod(it)
        before = it.status("web")

        sshd.freeze()
        eventually(
            lambda: any(
                "unknown state: ssh to lab" in e for e in it.events("Unhealthy")
            ),
            what="a probe that counts as nothing",
        )
        always(lambda: it.status("web")["restartCount"] == 1, during=5)
        sshd.thaw()
        eventually(lambda: is_up(runtime), what="the tunnel is back")
        always(lambda: it.status("web")["restartCount"] == 1, during=3)

        assert it.status("web")["containerID"] == before["containerID"]
        assert it.status("web")["ready"]
    runtime.close()


def test_a_pod_on_a_tcp_host(cluster: str) -> None:
    """All goes through published ports."""
    relay = Relay(docker_engine.ENDPOINT.removeprefix("unix://"))
    runtime = DockerRuntime(relay.endpoint, cluster=cluster, node="n")
    with node(runtime) as it:
        uid = runs_a_pod(it)
        seen = runtime.pod(uid)
        assert seen and [p.port for p in seen.published] == [8080]
    runtime.close()
    relay.cut()
