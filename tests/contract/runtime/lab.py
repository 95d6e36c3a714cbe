"""One way to make things happen in a fake engine and in a real one.

A test asks the lab for a pod, a container, an exit; the lab knows how its engine is
brought to do it. What is looked at comes from the contract alone.
"""

import itertools
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, Protocol, TypeVar

import docker
from docker.tls import TLSConfig

from supervisor.runtime.base import (
    CLUSTER,
    NODE,
    ContainerConfig,
    ObservedContainer,
    ObservedPod,
    Runtime,
    RuntimeEvent,
    SandboxConfig,
    State,
)
from supervisor.runtime.base.inventory import Labelled, Sort, Whose
from supervisor.runtime.docker.runtime import DockerRuntime, Tls
from supervisor.runtime.versions import MIN_API
from tests import docker_engine
from tests.fakes.runtime import FakeRuntime, Program
from tests.lab.endpoint import Endpoint

Found = TypeVar("Found")

PROGRAM = """
trap 'test -f /tmp/obey && exit $(cat /tmp/obey)' TERM
while ! test -f /tmp/exit; do sleep 0.02; done
exit $(cat /tmp/exit)
"""
"""Runs until it finds the file that tells it how to end."""

COMMANDS: Mapping[str, Program] = {
    "echo out; echo err >&2; exit 3": Program(b"out\n", b"err\n", 3),
    "sleep 60": Program(seconds=60),
    "cat; exit 4": Program(echo=True, exit_code=4),
}
MISSING = ("no-such-program",)


class Lab(Protocol):
    runtime: Runtime
    image: str

    def exit(self, pod: SandboxConfig, name: str, code: int) -> None:
        """Let a container end by itself."""

    def obey(self, pod: SandboxConfig, name: str, code: int) -> None:
        """Let a container end with `code` when it is told to stop."""

    def say(self, pod: SandboxConfig, name: str, text: str) -> None:
        """Let a container write a line to stdout."""

    def say_at_length(self, pod: SandboxConfig, name: str, length: int) -> None:
        """Let a container write a line of that many `a`s to stdout."""

    def leave(self, pod: SandboxConfig, name: str, path: str, text: str) -> None:
        """Let a container write a file."""

    def litter(self, sort: Sort, whose: Whose) -> str:
        """Make something that is no part of a pod; return its name."""

    def use_volume(self, name: str) -> None:
        """Have a container that is not ours mount it."""

    def has_volume(self, name: str) -> bool:
        """Whether the engine has a volume of that name."""

    def drop_claim(self) -> None:
        """Remove the claim behind the runtime's back, if there is one."""

    def pause(self, pod: SandboxConfig, name: str) -> None:
        """Let somebody pause a container."""

    def unpause(self, pod: SandboxConfig, name: str) -> None: ...


_names = itertools.count(1)


def new_pod(*, attempt: int = 0, host_network: bool = False) -> SandboxConfig:
    name = f"pod-{next(_names)}"
    uid = str(uuid.uuid4())
    return SandboxConfig(uid, name, "default", attempt, name, host_network)


def container(
    lab: Lab, pod: SandboxConfig, sandbox_id: str, name: str = "app", attempt: int = 0
) -> ContainerConfig:
    return ContainerConfig(
        pod_uid=pod.pod_uid,
        pod_name=pod.pod_name,
        namespace=pod.namespace,
        name=name,
        attempt=attempt,
        sandbox_id=sandbox_id,
        image=lab.image,
        command=("sh", "-c", PROGRAM),
        termination_message_path="/dev/termination-log",
    )


def start(lab: Lab, pod: SandboxConfig, name: str = "app", attempt: int = 0) -> str:
    """Start a container in the pod's sandbox, which is started if there is none."""
    seen = lab.runtime.pod(pod.pod_uid)
    sandboxes = seen.sandboxes if seen else ()
    sandbox_id = sandboxes[0].id if sandboxes else lab.runtime.start_sandbox(pod)
    made = lab.runtime.create_container(container(lab, pod, sandbox_id, name, attempt))
    lab.runtime.start_container(made)
    return made


def see(lab: Lab, pod: SandboxConfig) -> ObservedPod:
    seen = lab.runtime.pod(pod.pod_uid)
    assert seen is not None
    return seen


def newest(lab: Lab, pod: SandboxConfig, name: str = "app") -> ObservedContainer:
    return next(c for c in see(lab, pod).containers if c.name == name)


def eventually(look: Callable[[], Found | None], seconds: float = 15) -> Found:
    """The first true result of `look`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        threading.Event().wait(0.02)
    raise AssertionError(f"not within {seconds} seconds")


def dead(lab: Lab, pod: SandboxConfig, name: str = "app") -> ObservedContainer:
    """The newest container of a name, once it has ended."""

    def look() -> ObservedContainer | None:
        found = newest(lab, pod, name)
        return found if found.state is State.EXITED else None

    return eventually(look)


class Listener:
    """Collects the events of a runtime in a thread."""

    def __init__(self, runtime: Runtime) -> None:
        self.events: list[RuntimeEvent] = []
        self.error: Exception | None = None
        self._stream = runtime.events()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        try:
            for event in self._stream:
                self.events.append(event)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.error = error

    def actions(self, container: str) -> list[str]:
        return [e.action for e in list(self.events) if e.container == container]

    def close(self) -> None:
        self._stream.close()
        self.join()

    def join(self) -> None:
        self._thread.join(10)
        assert not self._thread.is_alive()


class FakeLab:
    def __init__(self) -> None:
        self.fake = FakeRuntime(_Steps())
        self.runtime: Runtime = self.fake
        self.image = "shell"
        self.fake.add_image(self.image)
        for script, program in COMMANDS.items():
            self.fake.add_program(("sh", "-c", script), program)

    def exit(self, pod: SandboxConfig, name: str, code: int) -> None:
        self.fake.exit(pod.pod_uid, name, code)

    def obey(self, pod: SandboxConfig, name: str, code: int) -> None:
        self.fake.stop_code(pod.pod_uid, name, code)

    def say(self, pod: SandboxConfig, name: str, text: str) -> None:
        self.fake.write_log(pod.pod_uid, name, f"{text}\n".encode())

    def say_at_length(self, pod: SandboxConfig, name: str, length: int) -> None:
        self.say(pod, name, "a" * length)

    def leave(self, pod: SandboxConfig, name: str, path: str, text: str) -> None:
        self.fake.write_file(pod.pod_uid, name, path, text.encode())

    def litter(self, sort: Sort, whose: Whose) -> str:
        name = f"litter-{next(_names)}"
        self.fake.others.append(Labelled(sort, name, name, whose, node="node-1"))
        return name

    def use_volume(self, name: str) -> None:
        self.fake.in_use.add(name)

    def has_volume(self, name: str) -> bool:
        return name in self.fake.docker_volumes

    def drop_claim(self) -> None:
        self.fake.claims.held = None

    def pause(self, pod: SandboxConfig, name: str) -> None:
        self.fake.paused.add(newest(self, pod, name).id)

    def unpause(self, pod: SandboxConfig, name: str) -> None:
        self.fake.paused.discard(newest(self, pod, name).id)


class _Steps:
    """Time that moves on a little whenever it is asked for."""

    def __init__(self) -> None:
        self._steps = itertools.count(1_767_323_045)

    def now(self) -> float:
        return float(next(self._steps))


class DockerLab:
    def __init__(
        self,
        cluster: str,
        endpoint: str = docker_engine.ENDPOINT,
        client: Callable[[], Any] = docker_engine.client,
        **options: Any,
    ) -> None:
        """The engine at `endpoint` with those options of the runtime; `client` makes
        one of docker-py for it.
        """
        self._client = client
        self.runtime: Runtime = DockerRuntime(
            endpoint, cluster=cluster, node="node-1", **options
        )
        self._cluster = cluster
        self.image = docker_engine.bring_shell()

    def exit(self, pod: SandboxConfig, name: str, code: int) -> None:
        self._do(pod, name, f"echo {code} > /tmp/e; mv /tmp/e /tmp/exit")
        dead(self, pod, name)

    def obey(self, pod: SandboxConfig, name: str, code: int) -> None:
        self._do(pod, name, f"echo {code} > /tmp/obey")

    def say(self, pod: SandboxConfig, name: str, text: str) -> None:
        self._do(pod, name, f"echo '{text}' > /proc/1/fd/1")

    def say_at_length(self, pod: SandboxConfig, name: str, length: int) -> None:
        script = f"(head -c {length} /dev/zero | tr '\\0' a; echo) > /proc/1/fd/1"
        self._do(pod, name, script)

    def leave(self, pod: SandboxConfig, name: str, path: str, text: str) -> None:
        self._do(pod, name, f"printf '{text}' > {path}")

    def litter(self, sort: Sort, whose: Whose) -> str:
        name = f"{self._cluster}-{next(_names)}"
        node = "node-2" if whose is Whose.OTHER_NODE else "node-1"
        labels = {CLUSTER: self._cluster, NODE: node}
        with closing(self._client()) as api:
            match sort:
                case Sort.CONTAINER:
                    api.create_container(self.image, ["true"], name=name, labels=labels)
                case Sort.VOLUME:
                    api.create_volume(name, labels=labels)
                case Sort.NETWORK:
                    api.create_network(name, labels=labels)
        return name

    def use_volume(self, name: str) -> None:
        # The cluster's label alone: it is removed with the rest of the test's.
        labels = {CLUSTER: self._cluster}
        with closing(self._client()) as api:
            binds = api.create_host_config(binds=[f"{name}:/used"])
            api.create_container(
                self.image,
                ["true"],
                labels=labels,
                host_config=binds,
                volumes=["/used"],
            )

    def has_volume(self, name: str) -> bool:
        with closing(self._client()) as api:
            found = api.volumes(filters={"name": name})["Volumes"] or ()
        return any(volume["Name"] == name for volume in found)

    def drop_claim(self) -> None:
        with closing(self._client()) as api:
            docker_engine.remove_claim(api, self._cluster)

    def pause(self, pod: SandboxConfig, name: str) -> None:
        with closing(self._client()) as api:
            api.pause(newest(self, pod, name).id)

    def unpause(self, pod: SandboxConfig, name: str) -> None:
        with closing(self._client()) as api:
            api.unpause(newest(self, pod, name).id)

    def _do(self, pod: SandboxConfig, name: str, script: str) -> None:
        found = newest(self, pod, name)
        command = ("sh", "-c", script)
        done = self.runtime.exec(found.id, command, timeout=10, limit=1000)
        assert done.exit_code in (0, 137), done


def tls_lab(cluster: str, endpoint: Endpoint) -> DockerLab:
    """A lab on a host of its own; nothing is left of it once the host is gone."""
    identity = endpoint.identity
    assert identity is not None
    tls = Tls(str(identity.ca), str(identity.certificate), str(identity.key))

    def client() -> Any:
        pair = (tls.certificate, tls.key)
        config = TLSConfig(client_cert=pair, ca_cert=tls.ca, verify=True)
        made = docker.APIClient(endpoint.url, tls=config, version=MIN_API)
        # The environment may name authorities that do not know this one.
        made.trust_env = False
        return made

    return DockerLab(cluster, endpoint.url, client, tls=tls, reach="Direct")
