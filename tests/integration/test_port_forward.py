"""Port-forward, as kubectl asks for it."""

import subprocess
import urllib.request

import pytest

from tests.checks import eventually, shell
from tests.daemon import kubectl_path
from tests.integration.lab import Lab

pytestmark = pytest.mark.docker


def page(lab: Lab, pod: str, port: int) -> str:
    """What kubectl's forwarded port answers, twice over one kubectl; empty if nobody
    listens there yet.
    """
    argv = [kubectl_path(), "--kubeconfig", str(lab.daemon.kubeconfig)]
    argv += ["-n", lab.namespace, "port-forward", f"pod/{pod}", f":{port}"]
    argv += ["--address", "127.0.0.1"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as forwarding:
        try:
            assert forwarding.stdout is not None
            # Forwarding from 127.0.0.1:PORT -> PORT
            where = forwarding.stdout.readline().split()[2]
            first, second = _get(where), _get(where)
            assert first == second
            return first
        except OSError:
            return ""
        finally:
            forwarding.terminate()


def _get(where: str) -> str:
    with urllib.request.urlopen(f"http://{where}/hostname", timeout=10) as answer:
        return str(answer.read().decode())


@pytest.mark.kubectl
def test_a_port_on_the_pods_loopback_is_forwarded(lab: Lab) -> None:
    """What listens on 127.0.0.1 alone is reached, as with upstream's kubelet."""
    serve = "exec httpd -f -p 127.0.0.1:8080 -h /etc"
    lab.run("inner", shell("main", serve))
    lab.ready("inner")

    text = eventually(lambda: page(lab, "inner", 8080))

    assert text == "inner\n"


@pytest.mark.kubectl
def test_a_port_on_the_pods_address_is_forwarded(lab: Lab) -> None:
    """What listens everywhere is reached straight."""
    lab.run("outer", shell("main", "exec httpd -f -p 8080 -h /etc"))
    lab.ready("outer")

    text = eventually(lambda: page(lab, "outer", 8080))

    assert text == "outer\n"
