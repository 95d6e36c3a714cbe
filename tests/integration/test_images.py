"""Images that are missing, forbidden, misnamed, or here while no registry is.

A port of the loopback where nobody listens stands for a registry that is away.
"""

import time
from collections.abc import Iterator

import pytest

from supervisor.model.meta import Object
from tests.checks import always, shell
from tests.daemon import engine
from tests.integration.lab import Lab, reason_of, state_of

pytestmark = pytest.mark.docker

AWAY = "127.0.0.1:1"


def with_image(image: str, policy: str | None) -> Object:
    main = shell("main", "exec sleep 600", image=image)
    main.pop("imagePullPolicy")
    return main | ({"imagePullPolicy": policy} if policy else {})


@pytest.fixture
def local_image(lab: Lab) -> Iterator[str]:
    """An image present on the engine, of a registry that nobody has asked yet."""
    number = int(lab.namespace.removeprefix("test-"), 16)
    registry = f"127.{number >> 16 & 255}.{number >> 8 & 255}.{number & 127 | 1}:1"
    name = f"{registry}/shell"
    engine().images.get("supervisor/busybox").tag(name)
    yield name
    engine().images.remove(f"{name}:latest", force=True)


def test_a_missing_image_is_pulled_again_and_again(lab: Lab) -> None:
    """ErrImagePull, then ImagePullBackOff, with the registry's words as events."""
    image = f"{AWAY}/nothing:1"
    lab.run("missing", with_image(image, None))
    status = lab.waiting("missing", "main", "ErrImagePull")
    assert status["state"]["waiting"]["message"]
    status = lab.waiting("missing", "main", "ImagePullBackOff")
    assert status["state"]["waiting"]["message"].startswith(
        f'Back-off pulling image "{image}"'
    )
    assert lab.told("missing", "Pulling") == f'Pulling image "{image}"'
    assert lab.told("missing", "Failed", "Failed to pull image")
    assert lab.told("missing", "Failed", "Error: ErrImagePull") == "Error: ErrImagePull"
    assert lab.told("missing", "BackOff") == f'Back-off pulling image "{image}"'
    pod = lab.pod("missing")
    assert pod["status"]["phase"] == "Pending"
    assert state_of(pod, "main")["restartCount"] == 0


def test_a_missing_image_holds_up_nobody_else(lab: Lab) -> None:
    """Another pod, and another container of the same pod, start meanwhile."""
    missing = with_image(f"{AWAY}/nothing:1", None) | {"name": "missing"}
    lab.run("half", missing, shell("here", "exec sleep 600"))
    lab.run("whole", shell("main", "exec sleep 600"))
    began = time.monotonic()
    lab.ready("whole", within=20)
    lab.until("half", lambda p: state_of(p, "here").get("ready"), within=20)
    assert time.monotonic() - began < 20
    assert lab.pod("half")["status"]["phase"] == "Pending"


def test_a_pod_whose_image_is_missing_is_deleted_at_once(lab: Lab) -> None:
    """Waiting for an image does not hold up a deletion."""
    lab.run("missing", with_image(f"{AWAY}/nothing:1", None))
    lab.told("missing", "Failed")
    lab.delete("missing")
    lab.gone("missing", within=10)


def test_a_corrected_image_starts_at_once(lab: Lab) -> None:
    """A new image name does not wait for the old one's backoff."""
    lab.run("typo", with_image(f"{AWAY}/nothing:1", None))
    lab.waiting("typo", "main", "ImagePullBackOff")
    fixed = {"name": "main", "image": "supervisor/busybox:latest"}
    lab.patch("typo", {"spec": {"containers": [fixed]}})
    lab.ready("typo", within=4)


def test_an_image_that_must_not_be_pulled_must_be_here(lab: Lab) -> None:
    """Never: ErrImageNeverPull, and no attempt to pull."""
    image = f"{AWAY}/nothing:1"
    lab.run("never", with_image(image, "Never"))
    status = lab.waiting("never", "main", "ErrImageNeverPull")
    text = f'Container image "{image}" is not present with pull policy of Never'
    assert status["state"]["waiting"]["message"] == text
    assert lab.told("never", "ErrImageNeverPull") == text
    assert "Pulling" not in [reason for reason, _ in lab.events("never")]


def test_a_name_that_is_no_image_name_is_told(lab: Lab) -> None:
    """InvalidImageName, without asking anyone."""
    lab.run("odd", with_image("Not/A:Valid:Name", None))
    status = lab.waiting("odd", "main", "InvalidImageName")
    assert "invalid reference format" in status["state"]["waiting"]["message"]
    lab.told("odd", "InspectFailed")


def test_a_local_image_runs_without_its_registry(lab: Lab, local_image: str) -> None:
    """Always that is only implied by the tag: a Warning, and the pod runs."""
    lab.run("implied", with_image(local_image, None))
    assert lab.pod("implied")["spec"]["containers"][0]["imagePullPolicy"] == "Always"
    lab.ready("implied", within=30)
    told = lab.told("implied", "UsingLocalImage")
    assert local_image in told


def test_an_image_that_may_be_local_is_not_asked_for(
    lab: Lab, local_image: str
) -> None:
    """IfNotPresent: no pull, no warning."""
    lab.run("quiet", with_image(local_image, "IfNotPresent"))
    lab.ready("quiet")
    reasons = [reason for reason, _ in lab.events("quiet")]
    assert "Pulling" not in reasons
    assert "UsingLocalImage" not in reasons
    assert lab.told("quiet", "Pulled").endswith("already present on machine")


def test_always_stays_strict_when_it_was_asked_for(lab: Lab, local_image: str) -> None:
    """An explicit Always does not run an image that may be old."""
    lab.run("strict", with_image(local_image, "Always"))
    lab.waiting("strict", "main", "ErrImagePull")
    always(lambda: not lab.instances("strict", "main"), during=0.5)
    assert reason_of(lab.status("strict", "main")) in (
        "ErrImagePull",
        "ImagePullBackOff",
    )


def test_a_silent_registry_holds_up_all_who_wait_once(
    lab: Lab, silent_image: str
) -> None:
    """Five pods with a local image run long before the engine gives the registry up."""
    pods = [f"p{number}" for number in range(5)]
    for pod in pods:
        lab.run(pod, with_image(silent_image, None))
    for pod in pods:
        # Today's engines wait 10 s and more for one registry, and each pod in turn.
        lab.ready(pod, within=10)
        assert "did not answer" in lab.told(pod, "Failed", "Failed to pull image")
        assert silent_image in lab.told(pod, "UsingLocalImage")
    lab.run("late", with_image(silent_image, None))
    lab.ready("late", within=10)
    assert lab.told("late", "Pulled").endswith("already present on machine")


def test_a_silent_registry_delays_no_other(lab: Lab, silent_image: str) -> None:
    """Another registry is asked while the pull from the silent one hangs."""
    lab.run("strict", with_image(silent_image, "Always"))
    lab.told("strict", "Pulling")
    lab.run("other", with_image(f"{AWAY}/nothing:1", None))
    lab.told("other", "Failed", "Failed to pull image")
    assert reason_of(lab.status("strict", "main")) == "ContainerCreating"
