"""What the containers of one pod share: network, volumes, names."""

from pathlib import Path

import pytest

from tests.checks import eventually, shell
from tests.daemon import engine
from tests.integration.lab import Lab

pytestmark = pytest.mark.docker


def test_containers_of_a_pod_reach_each_other_on_localhost(lab: Lab) -> None:
    """One network for all containers of the pod."""
    text = lab.output(
        "local",
        shell(
            "main",
            "until wget -qO- http://127.0.0.1:8000/hello; do sleep 0.1; done",
        ),
        initContainers=[
            shell(
                "server",
                "mkdir /tmp/www; echo hi there >/tmp/www/hello;"
                " exec httpd -f -p 8000 -h /tmp/www",
                restartPolicy="Always",
            )
        ],
    )
    assert text == "hi there\n"


def test_pods_reach_each_other_by_their_addresses(lab: Lab) -> None:
    """podIP is an address on which other pods find what listens there."""
    lab.run("server", shell("main", "exec httpd -f -p 8000 -h /etc"))
    address = lab.ready("server")["status"]["podIP"]
    script = f"wget -qO- http://{address}:8000/hostname"
    assert lab.output("asker", shell("main", script)) == "server\n"


def test_the_hostname_is_the_pods(lab: Lab) -> None:
    """Every container has the pod's name as its host name, unless another is given."""
    both = [shell("main", "hostname"), shell("other", "hostname")]
    assert lab.output("by-name", *both) == "by-name\n"
    assert lab.logs("by-name", "other") == "by-name\n"
    assert lab.output("given", shell("main", "hostname"), hostname="kubia") == "kubia\n"


ALIASES = [
    {"ip": "10.1.2.3", "hostnames": ["foo.local", "bar.local"]},
    {"ip": "2001:db8::1", "hostnames": ["six.local"]},
]
ALIAS_LINES = [
    "",
    "# Entries added by HostAliases.",
    "10.1.2.3\tfoo.local\tbar.local",
    "2001:db8::1\tsix.local",
]


def test_the_hosts_file_is_as_the_kubelets(lab: Lab) -> None:
    """The header, the pod's own name, and one line for each address of hostAliases."""
    both = [shell("main", "cat /etc/hosts"), shell("other", "cat /etc/hosts")]
    text = lab.output("aliased", *both, hostAliases=ALIASES)
    lines = text.splitlines()

    assert lines[0] == "# Kubernetes-managed hosts file."
    assert lines[-4:] == ALIAS_LINES
    address = lab.pod("aliased")["status"]["podIP"]
    assert f"{address}\taliased" in lines
    assert "127.0.0.1\tlocalhost" in lines
    assert lab.logs("aliased", "other") == text
    plain = lab.output("plain", shell("main", "cat /etc/hosts")).splitlines()
    assert plain[0] == "# Kubernetes-managed hosts file."
    assert not any("HostAliases" in line for line in plain)


def test_in_the_hosts_network_the_hosts_file_is_the_hosts(lab: Lab) -> None:
    """With the aliases added."""
    text = lab.output(
        "hosted",
        shell("main", "cat /etc/hosts"),
        hostNetwork=True,
        hostAliases=ALIASES,
    )
    host = Path("/etc/hosts").read_text().splitlines()

    head = "# Kubernetes-managed hosts file (host network)."
    assert text.splitlines() == [head, *host, *ALIAS_LINES]


def test_a_pod_may_have_a_hosts_file_of_its_own(lab: Lab, tmp_path: Path) -> None:
    """A mount at /etc/hosts replaces the managed one."""
    own = tmp_path / "hosts"
    own.write_text("192.0.2.1 mine\n")
    mount = [{"name": "own", "mountPath": "/etc/hosts"}]
    text = lab.output(
        "own",
        shell("main", "cat /etc/hosts", volumeMounts=mount),
        volumes=[{"name": "own", "hostPath": {"path": str(own), "type": "File"}}],
    )
    assert text == "192.0.2.1 mine\n"


@pytest.mark.parametrize("medium", ["", "Memory"])
def test_an_empty_dir_is_shared_and_writable_for_everyone(
    lab: Lab, medium: str
) -> None:
    """Written by one container as any user, read by another; in memory if asked for."""
    mount = [{"name": "data", "mountPath": "/data"}]
    text = lab.output(
        "shared",
        shell(
            "main",
            "until [ -e /data/note ]; do sleep 0.1; done; cat /data/note;"
            " stat -c %u /data/note; grep ' /data ' /proc/mounts | cut -d' ' -f3",
            volumeMounts=mount,
        ),
        shell(
            "writer",
            "umask 022; echo written >/data/note.new; mv /data/note.new /data/note",
            volumeMounts=mount,
            securityContext={"runAsUser": 1234},
        ),
        volumes=[{"name": "data", "emptyDir": {"medium": medium}}],
    )
    note, owner, kind = text.split()
    assert (note, owner) == ("written", "1234")
    assert (kind == "tmpfs") == (medium == "Memory")


@pytest.mark.parametrize("medium", ["", "Memory"])
def test_an_empty_dir_survives_restarts_and_dies_with_the_pod(
    lab: Lab, medium: str
) -> None:
    """A restarted container finds what it wrote; the volume goes when the pod does."""
    script = "[ -e /data/seen ] && exec sleep 600; echo x >/data/seen; exit 1"
    lab.run(
        "keeper",
        shell("main", script, volumeMounts=[{"name": "data", "mountPath": "/data"}]),
        volumes=[{"name": "data", "emptyDir": {"medium": medium}}],
    )
    lab.restarted("keeper", "main")
    assert lab.exec("keeper", "main", "cat", "/data/seen") == (0, "x\n")
    assert _volumes(lab, "keeper")
    lab.delete("keeper")
    lab.gone("keeper")
    eventually(lambda: not _volumes(lab, "keeper"), within=5)


def _volumes(lab: Lab, pod: str) -> list[str]:
    labels = [
        f"io.kubernetes.pod.namespace={lab.namespace}",
        f"io.kubernetes.pod.name={pod}",
    ]
    return [v.name for v in engine().volumes.list(filters={"label": labels})]


def test_a_memory_volume_has_the_size_given(lab: Lab) -> None:
    """sizeLimit bounds a volume in memory."""
    text = lab.output(
        "small",
        shell(
            "main",
            "head -c 2000000 /dev/zero >/data/x 2>/dev/null || echo full",
            volumeMounts=[{"name": "data", "mountPath": "/data"}],
        ),
        volumes=[
            {"name": "data", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}}
        ],
    )
    assert text == "full\n"


def test_a_mount_can_be_read_only_for_one_container(lab: Lab) -> None:
    """readOnly is of the mount, not of the volume."""
    text = lab.output(
        "half",
        shell(
            "main",
            "touch /data/x 2>/dev/null || echo refused",
            volumeMounts=[{"name": "data", "mountPath": "/data", "readOnly": True}],
        ),
        shell(
            "other",
            "touch /data/y",
            volumeMounts=[{"name": "data", "mountPath": "/data"}],
        ),
        volumes=[{"name": "data", "emptyDir": {}}],
    )
    assert text == "refused\n"
