"""The service under a real systemd, installed as the README says."""

import os
import socket
from collections.abc import Iterator

import pytest

from tests.checks import (
    always,
    controller_manifest,
    eventually,
    pod_manifest,
    ready_pods,
    shell,
)
from tests.systemd.lab import CHECKOUT, booted
from tests.systemd.service import CONFIG, STATE, UNIT, Service

pytestmark = [
    pytest.mark.systemd,
    pytest.mark.docker,
    pytest.mark.usefixtures("systemd"),
]

_SLEEP = "trap 'exit 0' TERM; while :; do sleep 0.2; done"
_FAIL_ONCE = f"[ -e /kept/failed ] || {{ touch /kept/failed; exit 3; }}; {_SLEEP}"


@pytest.fixture(scope="module")
def installed(
    systemd: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The service in a lab of its own, with two replicas and a pod that once fell."""
    with booted(tmp_path_factory.mktemp("systemd") / "lab") as lab:
        made = Service(lab)
        try:
            made.configure()
            made.install()
            start_pods(made)
            yield made
        finally:
            lab.run("systemctl", "stop", "supervisor")
            made.close()


def start_pods(service: Service) -> None:
    client = service.client()
    sleepers = controller_manifest("sleeper", 2, shell("sleep", _SLEEP))
    client.create("replicationcontrollers", sleepers, "default")
    mounts = [{"name": "kept", "mountPath": "/kept"}]
    fallen = shell("fallen", _FAIL_ONCE, volumeMounts=mounts)
    volumes = [{"name": "kept", "emptyDir": {}}]
    client.create("pods", pod_manifest("fallen", fallen, volumes=volumes), "default")
    wait_for_pods(service)


def wait_for_pods(service: Service) -> None:
    """Until all three are ready, each in a container that stays."""
    client = service.client()
    eventually(
        lambda: (
            service.restart_counts().get("fallen") == 1
            and len(ready_pods(client, "default")) == 3
        ),
        within=30,
        what="three pods are ready",
    )


@pytest.fixture
def service(installed: Service) -> Service:
    """The service, active and as it was installed."""
    installed.settle()
    wait_for_pods(installed)
    return installed


def test_it_is_active_when_the_api_answers_and_not_before(service: Service) -> None:
    """Who comes after it in the order of the boot need not wait for it once more."""
    service.systemctl("stop")
    config = service.lab.path(CONFIG)
    settings = config.read_text()
    config.unlink()
    os.mkfifo(config)  # the daemon has to wait for its settings

    service.systemctl("start", "--no-block")
    always(lambda: service.state == "activating", during=1.5)
    config.write_text(settings)
    eventually(lambda: service.state == "active", within=20)

    assert service.client().get("namespaces", "default")
    assert f"https://127.0.0.1:{service.port}" in service.show("StatusText")


def test_a_killed_daemon_is_back_and_no_container_has_noticed(
    service: Service,
) -> None:
    """After kill -9 systemd starts it again, and it takes up what runs."""
    containers, counts = service.seen(), service.restart_counts()
    process, restarts = service.process, service.restarts

    service.signal("KILL")
    service.wait_restarted(process)

    assert service.restarts == restarts + 1
    always(lambda: service.seen() == containers, during=1.5)
    assert service.restart_counts() == counts
    assert counts["fallen"] == 1


def test_a_frozen_daemon_is_killed_by_the_watchdog_and_started_again(
    service: Service,
) -> None:
    """Hanging is as bad as being dead; the journal tells where it hung."""
    service.change("WatchdogSec=2")
    service.systemctl("restart")
    containers, counts = service.seen(), service.restart_counts()
    process = service.process

    service.signal("STOP")
    service.wait_restarted(process)

    assert "Watchdog timeout (limit 2s)!" in service.journal()
    assert "Current thread" in service.journal()
    assert service.seen() == containers
    assert service.restart_counts() == counts


def test_a_daemon_that_answers_is_left_alone_by_the_watchdog(
    service: Service,
) -> None:
    """The watchdog is fed in time."""
    service.change("WatchdogSec=1")
    service.systemctl("restart")
    process = service.process

    always(lambda: service.process == process, during=3)


def test_stopping_the_service_leaves_the_containers_running(
    service: Service,
) -> None:
    """The daemon ends well, and what it kept goes on without it."""
    containers = service.seen()

    service.systemctl("stop")

    assert (service.state, service.show("Result")) == ("inactive", "success")
    always(lambda: service.seen() == containers, during=1)


def test_a_restarted_daemon_keeps_what_it_finds(service: Service) -> None:
    """It adopts the containers without touching them, and replaces one that dies."""
    containers, counts = service.seen(), service.restart_counts()

    service.systemctl("restart")

    always(lambda: service.seen() == containers, during=1.5)
    assert service.restart_counts() == counts
    victim = next(c for c in service.containers() if "k8s_sleep_" in c.name)
    victim.kill()
    eventually(
        lambda: sum(service.restart_counts().values()) == sum(counts.values()) + 1,
        within=20,
        what="the killed container was replaced",
    )
    untouched = containers.keys() - {victim.id}
    assert untouched <= service.seen().keys()


def test_a_wrong_configuration_is_told_once_and_not_tried_again(
    service: Service,
) -> None:
    """The journal names file, field and what is wrong; nothing restarts in vain."""
    containers, told = service.seen(), len(service.errors())
    service.configure("listen: 127.0.0.1:6443\nlog: {level: loud}\n")

    assert service.lab.run("systemctl", "restart", "supervisor").returncode != 0

    always(lambda: service.state == "failed", during=2.5)
    assert service.show("Result") == "exit-code"
    assert service.restarts == 0
    (line,) = service.errors()[told:]
    assert CONFIG in line and "$.log.level" in line and "loud" in line
    assert service.seen() == containers


def test_what_fails_at_every_start_is_given_up(service: Service) -> None:
    """A port that another program has is tried again a few times, not for ever."""
    service.systemctl("stop")
    service.change("RestartSec=10ms")
    told = len(service.errors())
    with socket.create_server(("127.0.0.1", service.port)):
        service.lab.run("systemctl", "start", "supervisor")
        eventually(
            lambda: service.show("SubState") == "failed",
            within=40,
            what="systemd has given up",
        )

    assert service.restarts == 10
    assert all(str(service.port) in line for line in service.errors()[told:])


def test_installing_again_upgrades_and_restarts(service: Service) -> None:
    """The settings stay, the program is new, and no container has noticed."""
    containers, process = service.seen(), service.process
    settings = service.lab.path(CONFIG).read_text()

    said = service.install()

    assert service.state == "active"
    assert service.process != process
    assert f"Keeping {CONFIG}" in said
    assert f"--kubeconfig {STATE}/kubeconfig get pods" in said
    assert service.lab.path(CONFIG).read_text() == settings
    assert service.seen() == containers


def test_uninstalling_leaves_containers_settings_and_state(
    service: Service,
) -> None:
    """What a later installation needs to go on is there; the rest is gone."""
    containers = service.seen()

    service.uninstall()

    for gone in (UNIT, "/opt/supervisor", "/usr/local/bin/supervisor"):
        assert service.lab.run("test", "-e", gone).returncode != 0, gone
    for kept in (CONFIG, f"{STATE}/store.db"):
        assert service.lab.path(kept).exists(), kept
    assert service.seen() == containers


@pytest.mark.parametrize(
    ("prelude", "said"),
    [
        (["unshare", "--user"], "needs root; run: sudo make install"),
        (["env", "PREFIX=opt"], "PREFIX: 'opt' is no absolute path"),
        (["env", "PYTHON=/bin/false"], "'/bin/false' is not Python 3.11 or newer"),
        (
            [
                "unshare",
                "--mount",
                "sh",
                "-c",
                'mount -t tmpfs no /run/systemd; exec "$0"',
            ],
            "systemd does not run here (process 1 is systemd)",
        ),
    ],
)
def test_what_cannot_be_installed_is_refused_before_anything_is_done(
    installed: Service, prelude: list[str], said: str
) -> None:
    """The message says what is wrong and what to do."""
    before = installed.lab.run("find", "/opt", "/etc/systemd", "-newermt", "2000-01-01")

    done = installed.lab.run(*prelude, str(CHECKOUT / "scripts" / "install"))

    assert done.returncode == 1
    assert said in done.stderr
    after = installed.lab.run("find", "/opt", "/etc/systemd", "-newermt", "2000-01-01")
    assert after.stdout == before.stdout
