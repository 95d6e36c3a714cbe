"""subPath: which containers of a pod could lead it astray, and what is said then."""

from dataclasses import replace
from typing import Any

import pytest

from supervisor.agent.pods.failures import StartFailed
from supervisor.agent.volumes import mounts
from supervisor.model.meta import decode
from supervisor.model.pod import Pod
from supervisor.runtime.base import (
    Mount,
    MountRefused,
    MountUnsafe,
    SandboxConfig,
)
from tests.fakes.agent import Node

VOLUMES = [
    {"name": "data", "emptyDir": {}},
    {"name": "host", "hostPath": {"path": "/srv/data"}},
    {"name": "below", "hostPath": {"path": "/srv/data/a"}},
    {"name": "all", "hostPath": {"path": "/"}},
]


def mount(name: str, sub_path: str = "", **more: Any) -> dict[str, Any]:
    path = f"/{name}/{sub_path}"
    return {"name": name, "mountPath": path, "subPath": sub_path, **more}


def pod(own: dict[str, Any], *others: dict[str, Any], init: bool = False) -> Pod:
    """A pod of a container `app` with one mount, and another with the rest."""
    more = {"name": "other", "image": "i", "volumeMounts": list(others)}
    app = {"name": "app", "image": "i", "volumeMounts": [own]}
    spec: dict[str, Any] = {"volumes": VOLUMES, "containers": [app]}
    spec["initContainers" if init else "containers"] = [more] if init else [app, more]
    return decode(Pod, {"metadata": {"name": "web"}, "spec": spec})


def found(it: Pod) -> Mount:
    (only,) = mounts.mounts(it, it.spec.containers[0], lambda text: text)
    return only


@pytest.mark.parametrize(
    ("own", "other", "can"),
    [
        (mount("data", "a"), mount("data"), True),
        (mount("data", "a"), mount("data", readOnly=True), False),
        (mount("data", "a"), mount("data", "a"), False),
        (mount("data", "a"), mount("data", "b"), False),
        (mount("data", "a/b"), mount("data", "a"), True),
        (mount("data", "./a//b"), mount("data", "a/."), True),
        (mount("host", "x"), mount("host"), True),
        (mount("host", "x"), mount("data"), False),
        (mount("host", "x"), mount("all"), True),
        (mount("host", "x"), mount("all", "srv"), True),
        (mount("host", "x"), mount("below"), False),
        (mount("host", "a/x"), mount("below"), True),
        (mount("host", "x"), mount("all", "srv/other"), False),
    ],
)
@pytest.mark.parametrize("init", [False, True])
def test_who_could_lead_a_sub_path_astray(
    own: dict[str, Any], other: dict[str, Any], can: bool, init: bool
) -> None:
    """Whoever can write in a folder on its way, init containers among them."""
    assert found(pod(own, other, init=init)).changed_by == (("other",) if can else ())


def test_without_a_sub_path_nobody_matters() -> None:
    """A whole volume is what it is; `.` is the whole volume."""
    assert found(pod(mount("data"), mount("data"))).changed_by == ()
    assert found(pod(mount("data", "./"), mount("data"))) == Mount("/data/./", "data")


@pytest.mark.parametrize("sub_path", ["..", "a/../../b", "/etc"])
def test_a_sub_path_that_leads_out_by_its_words(sub_path: str) -> None:
    """The API refuses it; one that came by another way is refused here."""
    with pytest.raises(StartFailed, match="leads out of its volume") as refused:
        found(pod(mount("data", sub_path)))
    assert refused.value.reason == "CreateContainerConfigError"


def waiting(node: Node) -> tuple[str, str]:
    state = node.status("web", "app")["state"].get("waiting", {})
    return state.get("reason", ""), state.get("message", "")


def test_an_engine_that_cannot_do_it_safely_says_so(node: Node) -> None:
    """The container does not start; its status names the version that is needed."""
    app = {"name": "app", "volumeMounts": [mount("host", "x"), mount("host")]}
    node.run("web", app, volumes=VOLUMES)

    assert waiting(node) == (
        "CreateContainerConfigError",
        "host needs API 1.45, since app can write",
    )
    assert node.runtime.running("web") == []


def test_a_link_that_came_before_the_start(node: Node) -> None:
    """The container that was made is removed, and the status says why."""
    node.runtime.fail_start("web", "app", MountUnsafe("x was changed"))
    app = {"name": "app", "volumeMounts": [mount("host", "x")]}
    node.run("web", app, volumes=VOLUMES)

    assert waiting(node) == ("CreateContainerConfigError", "x was changed")
    seen = node.seen("web")
    assert seen is not None and seen.containers == ()

    node.runtime.fail_start("web", "app", "")
    node.advance(10)
    assert node.runtime.running("web") == ["app"]


def test_a_host_path_with_a_sub_path_that_is_not_there(node: Node) -> None:
    """The pod waits for it in ContainerCreating, with a FailedMount event."""
    refused = MountRefused("/srv/data is not a directory", "/srv/data")
    node.runtime.fail_start("web", "POD", refused)
    app = {"name": "app", "volumeMounts": [mount("host", "x")]}
    node.run("web", app, volumes=VOLUMES)

    text = 'MountVolume.SetUp failed for volume "host" : /srv/data is not a directory'
    assert waiting(node) == ("ContainerCreating", text)
    assert node.events("FailedMount") == [text]


def test_a_sandbox_of_an_earlier_version_is_replaced(node: Node) -> None:
    """A sandbox that does not hold the volume gives way to one that does."""
    app = {"name": "app", "volumeMounts": [mount("host", "x")]}
    node.run("web", app, volumes=VOLUMES)
    assert node.runtime.running("web") == ["app"]
    before = node.seen("web")
    assert before is not None
    box = node.runtime.config(before.sandboxes[0].id)
    assert isinstance(box, SandboxConfig)
    assert [m.volume for m in box.host_volumes] == ["host"]

    node.runtime.reconfigure(before.sandboxes[0].id, replace(box, host_volumes=()))
    node.runtime.exit("web", "app", 1)
    for _ in range(8):
        node.advance(5)

    after = node.seen("web")
    assert after is not None and after.sandboxes[0].id != before.sandboxes[0].id
    assert node.runtime.running("web") == ["app"]
