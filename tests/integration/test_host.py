"""What a pod may have of its host: paths, ports and the network."""

import socket
import urllib.request
from pathlib import Path

import pytest

from tests.checks import eventually, shell
from tests.integration.lab import Lab, reason_of, state_of

pytestmark = pytest.mark.docker


def host_path(path: Path, kind: str = "") -> dict[str, object]:
    return {"name": "host", "hostPath": {"path": str(path), "type": kind}}


MOUNT = [{"name": "host", "mountPath": "/host"}]


def test_a_directory_of_the_host_is_read_and_written(lab: Lab, tmp_path: Path) -> None:
    """Type Directory: the host's own files, both ways."""
    (tmp_path / "in").write_text("from the host\n")
    script = "cat /host/in; echo from the pod >/host/out"
    text = lab.output(
        "reader",
        shell("main", script, volumeMounts=MOUNT),
        volumes=[host_path(tmp_path, "Directory")],
    )
    assert text == "from the host\n"
    assert (tmp_path / "out").read_text() == "from the pod\n"


@pytest.mark.parametrize("kind", ["", "DirectoryOrCreate"])
def test_a_directory_may_be_made(lab: Lab, tmp_path: Path, kind: str) -> None:
    """Types "" and DirectoryOrCreate: the directory is there afterwards."""
    wanted = tmp_path / "new" / "folder"
    lab.output(
        "maker",
        shell("main", "touch /host/made", volumeMounts=MOUNT),
        volumes=[host_path(wanted, kind)],
    )
    assert (wanted / "made").exists()


def test_a_directory_that_must_exist_is_waited_for(lab: Lab, tmp_path: Path) -> None:
    """Type Directory: nothing starts without it, and it is not made."""
    missing = tmp_path / "missing"
    lab.run(
        "waits",
        shell("main", "exit 0", volumeMounts=MOUNT),
        volumes=[host_path(missing, "Directory")],
        restartPolicy="Never",
    )
    told = eventually(
        lambda: next((m for _, m in lab.events("waits") if "missing" in m), "")
    )
    assert "does not exist" in told or "is not a directory" in told
    assert not missing.exists()
    missing.mkdir()
    lab.until("waits", lambda p: p["status"]["phase"] == "Succeeded")


@pytest.mark.parametrize(
    ("kind", "is_file"), [("Directory", True), ("File", False), ("Socket", True)]
)
def test_the_kind_of_a_path_is_checked(
    lab: Lab, tmp_path: Path, kind: str, is_file: bool
) -> None:
    """A path of another kind than asked for keeps the pod from starting."""
    path = tmp_path / "thing"
    path.touch() if is_file else path.mkdir()
    lab.run(
        "wrong",
        shell("main", "exit 0", volumeMounts=MOUNT),
        volumes=[host_path(path, kind)],
        restartPolicy="Never",
    )
    eventually(
        lambda: any(
            "hostPath type check failed" in text for _, text in lab.events("wrong")
        ),
        what="the check's event",
    )
    assert lab.pod("wrong")["status"]["phase"] == "Pending"
    assert "FailedMount" in {reason for reason, _ in lab.events("wrong")}
    lab.waiting("wrong", "main", "ContainerCreating")


def test_files_and_sockets_can_be_mounted(lab: Lab, tmp_path: Path) -> None:
    """Types File, Socket and CharDevice, side by side."""
    file, listener = tmp_path / "file", socket.socket(socket.AF_UNIX)
    file.write_text("contents\n")
    with listener:
        listener.bind(str(tmp_path / "sock"))
        text = lab.output(
            "kinds",
            shell(
                "main",
                "cat /f; [ -S /s ] && echo socket; [ -c /d ] && echo device",
                volumeMounts=[
                    {"name": "f", "mountPath": "/f"},
                    {"name": "s", "mountPath": "/s"},
                    {"name": "d", "mountPath": "/d"},
                ],
            ),
            volumes=[
                {"name": "f", "hostPath": {"path": str(file), "type": "File"}},
                {
                    "name": "s",
                    "hostPath": {"path": str(tmp_path / "sock"), "type": "Socket"},
                },
                {"name": "d", "hostPath": {"path": "/dev/null", "type": "CharDevice"}},
            ],
        )
    assert text.splitlines() == ["contents", "socket", "device"]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def test_a_host_port_leads_to_the_container(lab: Lab) -> None:
    """What listens on containerPort answers at the host's hostPort."""
    port = free_port()
    lab.run(
        "open",
        shell(
            "main",
            "exec httpd -f -p 8000 -h /etc",
            ports=[{"containerPort": 8000, "hostPort": port}],
        ),
    )
    lab.ready("open")
    assert eventually(lambda: _get(port)) == "open\n"


def _get(port: int) -> str:
    try:
        url = f"http://127.0.0.1:{port}/hostname"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def test_a_taken_host_port_is_waited_for(lab: Lab) -> None:
    """The engine's refusal is an event; the pod starts when the port is free."""
    with socket.socket() as holder:
        holder.bind(("0.0.0.0", 0))
        holder.listen()
        port = holder.getsockname()[1]
        lab.run(
            "blocked",
            shell("main", "sleep 600", ports=[{"containerPort": 80, "hostPort": port}]),
        )
        told = lab.told("blocked", "FailedCreatePodSandBox")
        assert str(port) in told
        assert lab.pod("blocked")["status"]["phase"] == "Pending"
        assert len(lab.daemon.containers(**{"io.kubernetes.pod.name": "blocked"})) == 0
    lab.ready("blocked")


def test_a_pod_in_the_hosts_network_has_its_address(lab: Lab) -> None:
    """hostNetwork: podIP is hostIP, and listening is listening on the host."""
    port = free_port()
    lab.run(
        "hosted",
        shell("main", f"exec httpd -f -p {port} -h /etc"),
        hostNetwork=True,
    )
    pod = lab.ready("hosted")
    assert pod["status"]["podIP"] == pod["status"]["hostIP"]
    assert eventually(lambda: _get(port)) == f"{socket.gethostname()}\n"


def test_a_host_port_conflict_keeps_the_second_pod_pending(lab: Lab) -> None:
    """Two pods that want one port of the host cannot both be on it."""
    port = free_port()
    for name in ("one", "two"):
        lab.run(
            name,
            shell("main", "sleep 600", ports=[{"containerPort": 80, "hostPort": port}]),
        )
        if name == "one":
            lab.ready("one")
    lab.told("two", "FailedScheduling", "free ports")
    pod = lab.pod("two")
    assert pod["status"]["phase"] == "Pending"
    assert reason_of(state_of(pod, "main")) == ""
    lab.delete("one")
    lab.ready("two")
