"""Users, capabilities and limits of containers, as the kernel has them."""

import pytest

from tests.checks import eventually, shell
from tests.integration.lab import Lab

pytestmark = pytest.mark.docker


def test_user_and_group_of_the_container_beat_those_of_the_pod(lab: Lab) -> None:
    """runAsUser and runAsGroup of the pod are for containers without their own."""
    text = lab.output(
        "users",
        shell("main", "id -u; id -g", securityContext={"runAsUser": 1001}),
        shell("other", "id -u; id -g"),
        securityContext={"runAsUser": 2000, "runAsGroup": 3000},
    )
    assert text.split() == ["1001", "3000"]
    assert lab.logs("users", "other").split() == ["2000", "3000"]


def test_an_image_that_runs_as_root_is_refused_if_asked(lab: Lab) -> None:
    """runAsNonRoot: the container is not created, and the message says why."""
    main = shell("main", "sleep 600", securityContext={"runAsNonRoot": True})
    lab.run("rootless", main)
    status = lab.waiting("rootless", "main", "CreateContainerConfigError")
    message = status["state"]["waiting"]["message"]
    assert message.startswith("container has runAsNonRoot and image will run as root")
    assert not lab.instances("rootless", "main")


def test_user_zero_is_refused_if_asked(lab: Lab) -> None:
    """runAsNonRoot with runAsUser 0 contradicts itself."""
    context = {"runAsNonRoot": True, "runAsUser": 0}
    lab.run("rootless", shell("main", "sleep 600", securityContext=context))
    status = lab.waiting("rootless", "main", "CreateContainerConfigError")
    message = status["state"]["waiting"]["message"]
    assert message.startswith("container's runAsUser breaks non-root policy")


def test_a_user_who_is_not_root_passes(lab: Lab) -> None:
    """runAsNonRoot with another user runs."""
    context = {"runAsNonRoot": True, "runAsUser": 65534}
    text = lab.output("nobody", shell("main", "id -u", securityContext=context))
    assert text == "65534\n"


def test_the_root_can_be_read_only(lab: Lab) -> None:
    """readOnlyRootFilesystem: writing fails, but for mounted volumes."""
    text = lab.output(
        "sealed",
        shell(
            "main",
            "touch /x 2>/dev/null || echo refused; touch /data/x && echo allowed",
            securityContext={"readOnlyRootFilesystem": True},
            volumeMounts=[{"name": "data", "mountPath": "/data"}],
        ),
        volumes=[{"name": "data", "emptyDir": {}}],
    )
    assert text.split() == ["refused", "allowed"]


CAP_CHOWN, CAP_NET_ADMIN, CAP_SYS_TIME = 0, 12, 25


def capabilities(text: str) -> set[int]:
    row = next(line for line in text.splitlines() if line.startswith("CapEff"))
    mask = int(row.split()[1], 16)
    return {bit for bit in range(64) if mask >> bit & 1}


def test_capabilities_are_added_and_dropped(lab: Lab) -> None:
    """capabilities: what is added comes to the usual ones, what is dropped goes."""
    change = {"capabilities": {"add": ["NET_ADMIN", "SYS_TIME"], "drop": ["CHOWN"]}}
    main = shell("main", "cat /proc/self/status", securityContext=change)
    found = capabilities(lab.output("caps", main))
    assert {CAP_NET_ADMIN, CAP_SYS_TIME} <= found
    assert CAP_CHOWN not in found


def test_all_capabilities_can_be_dropped(lab: Lab) -> None:
    """drop ALL leaves nothing but what is added."""
    change = {"capabilities": {"add": ["CHOWN"], "drop": ["ALL"]}}
    main = shell("main", "cat /proc/self/status", securityContext=change)
    assert capabilities(lab.output("caps", main)) == {CAP_CHOWN}


def test_privileged_is_passed_on(lab: Lab) -> None:
    """The engine is asked for a privileged container; it may have reasons to refuse."""
    lab.run("power", shell("main", "sleep 600", securityContext={"privileged": True}))
    made = eventually(lambda: lab.instances("power", "main"))
    assert made[0].attrs["HostConfig"]["Privileged"]


def test_new_privileges_can_be_forbidden(lab: Lab) -> None:
    """allowPrivilegeEscalation false sets the kernel's no_new_privs."""
    context = {"allowPrivilegeEscalation": False}
    main = shell("main", "grep NoNewPrivs /proc/self/status", securityContext=context)
    assert lab.output("meek", main).split() == ["NoNewPrivs:", "1"]


def test_resources_are_limits_of_the_kernel(lab: Lab) -> None:
    """CPU and memory limits are those that the engine gives the container."""
    lab.run(
        "limited",
        shell(
            "main",
            "sleep 600",
            resources={
                "limits": {"cpu": "500m", "memory": "32Mi"},
                "requests": {"cpu": "250m"},
            },
        ),
    )
    lab.ready("limited")
    host = eventually(lambda: lab.running("limited", "main").attrs["HostConfig"])
    assert host["CpuQuota"] / host["CpuPeriod"] == 0.5
    assert host["CpuShares"] == 256
    assert host["Memory"] == host["MemorySwap"] == 32 * 2**20
    assert lab.pod("limited")["status"]["qosClass"] == "Burstable"


def test_volumes_belong_to_the_pods_group(lab: Lab) -> None:
    """supplementalGroups are groups of every process."""
    text = lab.output(
        "grouped",
        shell("main", "id -G"),
        securityContext={"runAsUser": 1000, "supplementalGroups": [4321]},
    )
    assert "4321" in text.split()
