"""subPath in pods: nothing of the host is read through links that a container made."""

from pathlib import Path

import pytest

from supervisor.model.meta import Object
from supervisor.runtime.docker.volumes.sub_paths import keeps_sub_paths
from tests.checks import shell
from tests.docker_engine import client
from tests.integration.lab import Lab

pytestmark = pytest.mark.docker

READ = "cat /mnt/file; touch /mnt/been"


def mount(path: str, sub_path: str = "", name: str = "v", **more: object) -> Object:
    found: Object = {"name": name, "mountPath": path, **more}
    return found | ({"subPath": sub_path} if sub_path else {})


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A folder of the host, beside the one that the pod is given."""
    folder = tmp_path / "secret"
    folder.mkdir()
    (folder / "file").write_text("secret\n")
    return folder


def test_an_init_container_makes_a_link(lab: Lab, tmp_path: Path, secret: Path) -> None:
    """The container that would follow it does not start, and is told why."""
    root = tmp_path / "root"
    root.mkdir()
    lab.run(
        "link",
        shell("main", READ, volumeMounts=[mount("/mnt", "x")]),
        initContainers=[
            shell("init", "ln -s ../secret /all/x", volumeMounts=[mount("/all")])
        ],
        volumes=[{"name": "v", "hostPath": {"path": str(root)}}],
    )

    status = lab.waiting("link", "main", "CreateContainerConfigError")

    message = status["state"]["waiting"]["message"]
    if keeps_sub_paths(client().api_version):
        assert "leads out of it" in message
    else:
        assert "API 1.45" in message and '"init" of this pod can write' in message
    assert (root / "x").is_symlink()
    assert not (secret / "been").exists()


def test_the_link_is_there_already(lab: Lab, tmp_path: Path, secret: Path) -> None:
    """Whoever has made it, and though no container can write there now."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "x").symlink_to(secret)
    lab.run(
        "link",
        shell("main", READ, volumeMounts=[mount("/mnt", "x")]),
        volumes=[{"name": "v", "hostPath": {"path": str(root)}}],
    )

    status = lab.waiting("link", "main", "CreateContainerConfigError")

    assert "leads out of it: x is a link" in status["state"]["waiting"]["message"]
    assert not (secret / "been").exists()


def test_containers_share_a_volume_by_sub_paths(lab: Lab) -> None:
    """Each has its folder of one emptyDir, and none sees another's."""
    text = lab.output(
        "shared",
        shell("main", "touch /mnt/mine; ls /mnt", volumeMounts=[mount("/mnt", "a")]),
        shell("other", "touch /mnt/other", volumeMounts=[mount("/mnt", "b")]),
        volumes=[{"name": "v", "emptyDir": {}}],
        securityContext={"runAsUser": 1234, "fsGroup": 2345},
    )

    assert text == "mine\n"


def test_a_message_behind_a_link(lab: Lab, secret: Path) -> None:
    """A link in a volume leads a termination message nowhere outside the container."""
    pod = lab.finish(
        "message",
        shell(
            "main",
            "true",
            volumeMounts=[mount("/all")],
            terminationMessagePath="/all/x/file",
        ),
        initContainers=[
            shell("init", f"ln -s {secret} /all/x", volumeMounts=[mount("/all")])
        ],
        volumes=[{"name": "v", "emptyDir": {}}],
    )

    (main,) = pod["status"]["containerStatuses"]
    assert "secret" not in main["state"]["terminated"].get("message", "")
    assert (secret / "file").read_text() == "secret\n"
