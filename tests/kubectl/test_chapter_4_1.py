"""Chapter 4.1 of the book: an unhealthy container is killed and recreated."""

import re

import pytest

from tests.checks import eventually, running_ids
from tests.kubectl.conftest import CONFIGS, Cli

pytestmark = [pytest.mark.kubectl, pytest.mark.docker]

LIVENESS = str(CONFIGS / "demo" / "kubia-liveness-fast.yaml")


def restarts(cli: Cli, at_least: int) -> bool:
    path = "jsonpath={.status.containerStatuses[0].restartCount}"
    count = cli("get", "po", "kubia-liveness", "-o", path)
    return int(count or 0) >= at_least


def test_the_unhealthy_container_is_killed_recreated_and_explained(cli: Cli) -> None:
    """Five responses, three failed probes, exit code 137, a new container, events."""
    made = cli("create", "-f", LIVENESS)
    assert made == "pod/kubia-liveness created\n"
    first = eventually(lambda: running_ids(cli.daemon, "kubia-liveness", "kubia"))

    eventually(lambda: restarts(cli, 1), within=60, what="the first restart")

    row = cli("get", "po", "kubia-liveness", "--no-headers")
    assert re.match(r"kubia-liveness +[01]/1 +Running +1 \(\d+s ago\)", row)
    second = running_ids(cli.daemon, "kubia-liveness", "kubia")
    assert second
    assert first != second

    log = cli("logs", "kubia-liveness", "--previous")
    assert log.startswith("Kubia server starting...")
    assert log.count("Received request from") == 8

    story = cli("describe", "po", "kubia-liveness")
    for line in (
        r"State: +Running",
        r"Last State: +Terminated",
        r"Reason: +Error",
        r"Exit Code: +137",
        r"Restart Count: +1",
        r"Liveness: +http-get http://:8080/ delay=0s timeout=1s period=2s"
        r" #success=1 #failure=3",
        r"Warning +Unhealthy .*x3 over.* +kubelet.* +"
        r"Liveness probe failed: HTTP probe failed with statuscode: 500",
        r"Normal +Killing .*Container kubia failed liveness probe, will be restarted",
    ):
        assert re.search(line, story), f"{line} is not in\n{story}"


def test_describe_shows_the_initial_delay(cli: Cli) -> None:
    """initialDelaySeconds is the delay of the probe."""
    delayed = CONFIGS / "kubia-liveness-initial-delay.yaml"
    cli("create", "-f", str(delayed))
    story = cli("describe", "po", "kubia-liveness-delayed")

    assert "http-get http://:8080/ delay=15s timeout=1s period=10s" in story
