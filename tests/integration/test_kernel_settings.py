"""sysctls, seccomp, name servers and gates, as a real kernel and a real daemon do."""

import json

import pytest

from tests.checks import shell
from tests.integration.lab import Lab, condition

pytestmark = pytest.mark.docker

PORTS = "net.ipv4.ip_unprivileged_port_start"
READ = (
    "cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shm_rmid_forced"
)
MODE = "grep ^Seccomp: /proc/self/status"


def test_safe_sysctls_are_set_for_all_containers_of_the_pod(lab: Lab) -> None:
    """Of the network and of shared memory, written with dots or with slashes."""
    sysctls = [
        {"name": PORTS.replace(".", "/"), "value": "77"},
        {"name": "kernel.shm_rmid_forced", "value": "1"},
    ]
    both = [shell("main", READ), shell("other", READ)]
    text = lab.output("tuned", *both, securityContext={"sysctls": sysctls})
    assert text.split() == ["77", "1"]
    assert lab.logs("tuned", "other") == text


def test_other_sysctls_are_forbidden(lab: Lab) -> None:
    """The pod fails at admission, and nothing of it is started."""
    sysctls = [{"name": "net.core.somaxconn", "value": "1024"}]
    pod = lab.finish(
        "greedy", shell("main", "true"), securityContext={"sysctls": sysctls}
    )
    text = 'forbidden sysctl: "net.core.somaxconn" not allowlisted'
    assert pod["status"]["phase"] == "Failed"
    assert pod["status"]["reason"] == "SysctlForbidden"
    assert pod["status"]["message"] == f"Pod was rejected: {text}"
    assert lab.told("greedy", "SysctlForbidden") == text
    assert not lab.instances("greedy", "POD")


def test_a_pod_that_is_bound_by_hand_is_admitted_or_fails(lab: Lab) -> None:
    """Its node looks at what it asks for, where the scheduler was passed by."""
    (node,) = lab.client.list("nodes").items
    name = node["metadata"]["name"]
    huge = shell("main", "true", resources={"requests": {"cpu": "1000"}})
    pod = lab.finish("huge", huge, nodeName=name)
    assert pod["status"]["reason"] == "OutOfcpu"
    lost = lab.finish(
        "lost", shell("main", "true"), nodeName=name, nodeSelector={"no": "such"}
    )
    assert lost["status"]["reason"] == "NodeAffinity"
    assert lab.output("fine", shell("main", "echo ran"), nodeName=name) == "ran\n"


def test_seccomp_profiles(lab: Lab) -> None:
    """2 is a filter, 0 is none; the container's word beats the pod's."""
    free = {"seccompProfile": {"type": "Unconfined"}}
    filtered = {"seccompProfile": {"type": "RuntimeDefault"}}
    both = [shell("main", MODE), shell("other", MODE, securityContext=filtered)]
    assert lab.output("plain", shell("main", MODE)).split() == ["Seccomp:", "2"]
    text = lab.output("free", *both, securityContext=free)
    assert text.split() == ["Seccomp:", "0"]
    assert lab.logs("free", "other").split() == ["Seccomp:", "2"]


def test_a_seccomp_profile_of_the_daemons_folder(lab: Lab) -> None:
    """It is enforced; one that is missing keeps the container waiting, and is named."""
    folder = lab.daemon.state / "seccomp"
    folder.mkdir(exist_ok=True)
    rule = {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}
    profile = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [rule]}
    (folder / "no-mkdir.json").write_text(json.dumps(profile))
    script = "mkdir /tmp/x 2>/dev/null || echo refused"

    def local(name: str) -> dict[str, object]:
        return {"seccompProfile": {"type": "Localhost", "localhostProfile": name}}

    main = shell("main", script, securityContext=local("no-mkdir.json"))
    assert lab.output("confined", main) == "refused\n"
    lab.run("lost", shell("main", script, securityContext=local("none.json")))
    status = lab.waiting("lost", "main", "CreateContainerConfigError")
    assert "none.json" in status["state"]["waiting"]["message"]


def test_name_servers_of_its_own(lab: Lab) -> None:
    """dnsPolicy None: nothing but what dnsConfig says; else it is added."""
    config = {
        "nameservers": ["127.0.0.1", "192.0.2.53"],
        "searches": ["a.test", "b.test"],
        "options": [{"name": "ndots", "value": "2"}, {"name": "edns0"}],
    }
    read = shell("main", "cat /etc/resolv.conf")
    assert lab.output("none", read, dnsPolicy="None", dnsConfig=config) == (
        "nameserver 127.0.0.1\n"
        "nameserver 192.0.2.53\n"
        "search a.test b.test\n"
        "options ndots:2 edns0\n"
    )
    plain = lab.output("plain", read)
    more = {"nameservers": ["192.0.2.54"], "searches": ["more.test"]}
    lines = lab.output("more", read, dnsPolicy="Default", dnsConfig=more).splitlines()
    first = next(x for x in plain.splitlines() if x.startswith("nameserver"))
    assert first in lines
    assert any(x.startswith("search") and x.endswith("more.test") for x in lines)


def test_a_gated_pod_starts_when_its_gate_is_removed(lab: Lab) -> None:
    """Until then it is Pending and says why."""
    lab.run("gated", shell("main", "sleep 600"), schedulingGates=[{"name": "wait"}])
    gated = lab.pod("gated")
    assert condition(gated, "PodScheduled")["reason"] == "SchedulingGated"
    assert gated["status"]["phase"] == "Pending"

    patch = {"spec": {"schedulingGates": [{"name": "wait", "$patch": "delete"}]}}
    lab.patch("gated", patch)
    lab.ready("gated")
