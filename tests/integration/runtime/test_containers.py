"""How containers of pods are made on a real engine, and what they may do."""

import os
import socket
import threading
from dataclasses import replace
from typing import Any

import pytest

from supervisor.model.streams import ByteStream, LogOptions
from supervisor.runtime.base import (
    EngineRefused,
    HostsFile,
    NotFound,
    PortBinding,
    ResolvConf,
    State,
)
from supervisor.runtime.base.etc_files import parsed
from supervisor.runtime.docker.runtime import DockerRuntime
from supervisor.runtime.reach import PodAddress
from tests import docker_engine
from tests.contract.runtime.lab import (
    Listener,
    dead,
    eventually,
    new_pod,
    newest,
    see,
    start,
)
from tests.integration.runtime.engine import Engine

pytestmark = pytest.mark.docker


def test_name_logs_and_restart_policy(engine: Engine) -> None:
    """Names are dockershim's, logs are bounded, and Docker restarts nothing itself."""
    pod = new_pod()
    start(engine.lab, pod, attempt=2)

    told = engine.inspect(pod)
    host = told["HostConfig"]
    assert told["Name"] == f"/k8s_app_{pod.pod_name}_default_{pod.pod_uid}_2"
    assert host["RestartPolicy"]["Name"] == "no"
    assert host["LogConfig"]["Type"] == "json-file"
    assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "5"}


def test_leftover_of_the_same_name(engine: Engine) -> None:
    """A dead leftover of ours makes room; a running one is left alone."""
    pod = new_pod()
    first = start(engine.lab, pod)
    second = start(engine.lab, pod)
    assert {c.id for c in see(engine.lab, pod).containers} == {first, second}

    engine.runtime.kill_container(first)
    third = start(engine.lab, pod)

    seen = see(engine.lab, pod).containers
    assert {c.id for c in seen if c.state is State.RUNNING} == {second, third}


def test_others_are_not_seen(engine: Engine) -> None:
    """Another node of the same cluster sees nothing of ours."""
    pod = new_pod()
    start(engine.lab, pod)
    other = DockerRuntime(docker_engine.ENDPOINT, cluster=engine.cluster, node="node-2")

    assert other.pods() == {}
    assert other.pod(pod.pod_uid) is None
    other.close()


def test_network_and_names(engine: Engine) -> None:
    """Containers of a pod share its address, its hostname and its /etc/hosts."""
    hosts = HostsFile(aliases=(("10.9.8.7", ("db.local", "db")),))
    pod = replace(new_pod(), hostname="mine", hosts=hosts)
    sandbox = engine.runtime.start_sandbox(pod)
    script = "hostname; grep db.local /etc/hosts; ip -4 addr show eth0 | grep inet"

    _, text = engine.run(pod, sandbox, script, hosts=hosts)

    lines = text.splitlines()
    assert lines[0] == "mine"
    assert lines[1] == "10.9.8.7\tdb.local\tdb"
    assert see(engine.lab, pod).ip in lines[2]


def test_a_sandbox_of_an_older_version_has_no_hosts_file_yet(engine: Engine) -> None:
    """It is made when the first container is: nothing of the pod is restarted."""
    pod = new_pod()
    sandbox = engine.runtime.start_sandbox(pod)
    engine.run(pod, sandbox, "true", hosts=HostsFile())
    volume = f"k8s_{pod.pod_uid}_POD"
    mounts = {"Target": "/m", "Source": volume, "Type": "volume"}
    engine.run_beside("rm /m/hosts", mounts)
    aliases = (("10.9.8.7", ("db.local", "db")),)

    _, text = engine.run(
        pod, sandbox, "cat /etc/hosts", attempt=1, hosts=HostsFile(aliases=aliases)
    )

    lines = text.splitlines()
    assert lines[0] == "# Kubernetes-managed hosts file."
    assert lines[-2:] == ["# Entries added by HostAliases.", "10.9.8.7\tdb.local\tdb"]
    assert any(line.startswith(f"{see(engine.lab, pod).ip}\t") for line in lines)


def test_a_resolv_conf_of_its_own(engine: Engine) -> None:
    """In place of the engine's, or added to it; restarts find it again."""
    pod = new_pod()
    sandbox = engine.runtime.start_sandbox(pod)
    wanted = ResolvConf(("192.0.2.53",), ("a.test",), (("ndots", "2"), ("edns0", "")))
    _, plain = engine.run(pod, sandbox, "cat /etc/resolv.conf")
    found = parsed(plain)

    _, added = engine.run(
        pod, sandbox, "cat /etc/resolv.conf", attempt=1, resolv_conf=wanted
    )
    expected = wanted.text(plain)
    assert added == expected
    assert set(found.nameservers[:2]) <= set(parsed(added).nameservers)
    _, again = engine.run(
        pod, sandbox, "cat /etc/resolv.conf", attempt=2, resolv_conf=wanted
    )
    assert again == expected

    other = new_pod()
    sandbox = engine.runtime.start_sandbox(other)
    alone = replace(wanted, alone=True)
    _, text = engine.run(other, sandbox, "cat /etc/resolv.conf", resolv_conf=alone)
    assert text == ("nameserver 192.0.2.53\nsearch a.test\noptions ndots:2 edns0\n")


def test_long_lines_of_a_terminal(engine: Engine) -> None:
    """Its log has no frames, and still one timestamp for each line."""
    pod = new_pod()
    sandbox = engine.runtime.start_sandbox(pod)
    script = "echo one; head -c 40000 /dev/zero | tr '\\0' a; echo; echo two"
    ended, plain = engine.run(pod, sandbox, script, tty=True)

    def read(**options: Any) -> list[str]:
        stream = engine.runtime.logs(ended.id, LogOptions(timestamps=True, **options))
        lines = b"".join(stream).decode().splitlines()
        return [line.partition(" ")[2] for line in lines]

    expected = ["one", "a" * 40_000, "two"]
    assert plain.splitlines() == expected
    assert read() == expected
    assert read(tail_lines=2) == expected[1:]


def test_shared_processes(engine: Engine) -> None:
    """Containers of a pod see each other's processes only if it says so."""
    pod = new_pod()
    sandbox = engine.runtime.start_sandbox(pod)

    _, alone = engine.run(pod, sandbox, "cat /proc/1/comm; true")
    _, shared = engine.run(
        pod, sandbox, "cat /proc/1/comm", attempt=1, share_processes=True
    )

    assert alone == "sh\n"
    assert shared == "pause\n"


def test_limits(engine: Engine) -> None:
    """Limits reach the engine; a container that takes too much memory is OOM-killed."""
    pod = new_pod()
    sandbox = engine.runtime.start_sandbox(pod)
    listener = Listener(engine.runtime)

    ended, _ = engine.run(
        pod,
        sandbox,
        "exec tail /dev/zero",
        memory_bytes=16 << 20,
        cpu_quota_millis=500,
        cpu_shares=256,
    )

    host = engine.inspect(pod)["HostConfig"]
    assert (host["CpuPeriod"], host["CpuQuota"], host["CpuShares"]) == (
        100000,
        50000,
        256,
    )
    assert host["Memory"] == host["MemorySwap"] == 16 << 20
    assert ended.exit_code == 137
    # The kernel's word may come after the death.
    eventually(lambda: newest(engine.lab, pod, "app").oom_killed)
    eventually(lambda: "oom" in listener.actions("app"))
    listener.close()


def test_rights(engine: Engine) -> None:
    """User, groups, capabilities and the read-only root are as asked for."""
    pod = new_pod()
    sandbox = engine.runtime.start_sandbox(pod)
    script = "id -u; id -G; grep NoNewPrivs /proc/self/status; touch /x 2>&1"

    _, text = engine.run(
        pod,
        sandbox,
        script,
        user="1234:5678",
        groups=(42,),
        read_only_root=True,
        no_new_privileges=True,
        capabilities_add=("NET_ADMIN",),
        capabilities_drop=("ALL",),
    )

    uid, gids, privileges, touched = text.splitlines()
    assert (uid, gids) == ("1234", "5678 42")
    assert privileges.split() == ["NoNewPrivs:", "1"]
    assert "Read-only file system" in touched


def test_environment_and_folder(engine: Engine) -> None:
    """Environment, working directory, command and arguments are as asked for."""
    pod = new_pod()
    sandbox = engine.runtime.start_sandbox(pod)
    made = engine.start(
        pod,
        sandbox,
        ("sh", "-c"),
        args=('echo "$A $PWD $0"', "zero"),
        env=(("A", "x = y"),),
        working_dir="/usr",
    )

    dead(engine.lab, pod)
    assert engine.logs(made) == "x = y /usr zero\n"


def test_published_port(engine: Engine) -> None:
    """A host port leads into the pod; one that is taken is refused, leaving nothing."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ports = (PortBinding(8080, "TCP", port, "127.0.0.1"),)
    pod, late = replace(new_pod(), ports=ports), replace(new_pod(), ports=ports)
    sandbox = engine.runtime.start_sandbox(pod)
    serve = "while :; do echo served | nc -l -p 8080; done"
    engine.start(pod, sandbox, ("sh", "-c", serve))

    def served() -> bytes:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            return connection.recv(100)

    eventually(lambda: served() == b"served\n")
    with pytest.raises(EngineRefused, match="already"):
        engine.runtime.start_sandbox(late)
    seen = engine.runtime.pod(late.pod_uid)
    assert seen and seen.sandboxes == ()
    stream = engine.runtime.dial(PodAddress(see(engine.lab, pod).ip), 8080, 5)
    assert stream.read() == b"served\n"
    stream.close()


def test_a_port_on_loopback_is_reached_from_inside(engine: Engine) -> None:
    """Both ways at once, more than any buffer holds, and each way ends for itself."""
    pod = new_pod()
    inside = engine.runtime.start_sandbox(pod)
    serve = "httpd -p 127.0.0.1:8081 -h /etc; exec nc -ll -p 8080 -e cat"
    engine.start(pod, inside, ("sh", "-c", serve))

    def opened() -> ByteStream | None:
        try:
            return engine.runtime.dial_inside(inside, 8080)
        except ConnectionRefusedError:
            return None

    stream = eventually(opened)
    assert stream is not None
    sent, back = os.urandom(4 << 20), bytearray()

    def send() -> None:
        stream.write(sent)
        stream.close_write()

    sending = threading.Thread(target=send)
    sending.start()
    while piece := stream.read():
        back += piece
    sending.join()
    stream.close()

    assert bytes(back) == sent
    with pytest.raises(ConnectionRefusedError):
        engine.runtime.dial(PodAddress(see(engine.lab, pod).ip), 8081, 5)
    page = engine.runtime.dial_inside(inside, 8081)
    page.write(b"GET /hostname HTTP/1.0\r\n\r\n")
    assert page.read().startswith(b"HTTP/1.")
    page.close()


def test_killed_command(engine: Engine) -> None:
    """A command that is out of time is killed, with what it has started."""
    made = start(engine.lab, new_pod())

    done = engine.runtime.exec(
        made, ("sh", "-c", "echo begun; sleep 4321; true"), timeout=0.5, limit=100
    )

    assert (done.exit_code, done.output) == (None, b"begun\n")
    eventually(lambda: not _runs(engine, made, "sleep 4321"))


def test_dropped_session(engine: Engine) -> None:
    """A command whose session is dropped is killed."""
    made = start(engine.lab, new_pod())
    session = engine.runtime.open_exec(made, ("sleep", "5432"), stdin=False, tty=False)
    eventually(lambda: _runs(engine, made, "sleep 5432"))

    session.close()

    eventually(lambda: not _runs(engine, made, "sleep 5432"))


def _runs(engine: Engine, container_id: str, command: str) -> bool:
    processes = engine.api.top(container_id, "-eo pid,args")["Processes"]
    return any(command in " ".join(words) for words in processes)


def test_terminal(engine: Engine) -> None:
    """A session with a terminal has its size, and everything comes as stdout."""
    made = start(engine.lab, new_pod())
    session = engine.runtime.open_exec(made, ("sh",), stdin=True, tty=True)
    session.resize(100, 40)
    session.write(b"stty size; echo err >&2; exit 5\n")

    pieces = []
    while piece := session.read():
        pieces.append(piece)

    assert {stream for stream, _ in pieces} == {1}
    assert b"40 100" in b"".join(text for _, text in pieces)
    assert session.exit_code() == 5
    session.close()


def test_much_input_and_output(engine: Engine) -> None:
    """Half a megabyte goes into a command and comes back, byte for byte."""
    made = start(engine.lab, new_pod())
    sent = bytes(range(256)) * 2048
    session = engine.runtime.open_exec(
        made, ("sh", "-c", "cat > /tmp/in; cat /tmp/in"), stdin=True, tty=False
    )
    session.write(sent)
    session.close_stdin()

    received = b""
    while piece := session.read():
        received += piece[1]

    assert received == sent
    session.close()
    assert session.exit_code() == 0


def test_stdin_of_a_container(engine: Engine) -> None:
    """Whoever is attached with input feeds the container itself."""
    pod = new_pod()
    sandbox = engine.runtime.start_sandbox(pod)
    made = engine.start(pod, sandbox, ("cat",), stdin=True, stdin_once=True)
    session = engine.runtime.open_attach(made, stdin=True, tty=False)

    session.write(b"hello\n")
    assert session.read() == (1, b"hello\n")
    session.close_stdin()

    assert session.read() is None
    assert session.exit_code() == 0
    assert newest(engine.lab, pod).exit_code == 0
    session.close()


def test_gone_sandbox(engine: Engine) -> None:
    """A container in a sandbox that is not there is NotFound or refused."""
    pod = new_pod()
    config = engine.config(pod, "f" * 64, "sh")

    with pytest.raises((NotFound, EngineRefused), match="ffff"):
        engine.runtime.start_container(engine.runtime.create_container(config))
