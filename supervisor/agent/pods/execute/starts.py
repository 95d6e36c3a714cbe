"""Start what a plan wants started: a pod's sandbox, and its containers one by one.

Rules
- Between the decision and the start there is nothing but the image's look-up, the
  creation and the start, in the sandbox that was seen then; events and reports come
  from other threads.
- postStart is waited for: the pod's next container starts after it. If it fails, the
  container is killed.

Follows pkg/kubelet/kuberuntime/kuberuntime_container.go (startContainer).
"""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

from supervisor.agent.containers import limits
from supervisor.agent.containers.configs import container_config, sandbox_config
from supervisor.agent.images.images import Images
from supervisor.agent.pods import origin
from supervisor.agent.pods.bound_pods import PodRecord
from supervisor.agent.pods.execute.hooks import HookFailed, Hooks, Place
from supervisor.agent.pods.failures import (
    CREATING,
    RETRY_SECONDS,
    HostPort,
    StartFailed,
    config_error,
)
from supervisor.agent.pods.plan.actions import StartContainer, StartSandbox
from supervisor.agent.pods.plan.pod import SANDBOX_CHANGED
from supervisor.agent.pods.plan.steps import pod_grace
from supervisor.agent.site import Site
from supervisor.agent.volumes.claimed import Claimed, claimed
from supervisor.agent.volumes.filling import FilledVolumes
from supervisor.agent.volumes.mounts import mount_failed
from supervisor.agent.volumes.objects import ApiObjects
from supervisor.agent.volumes.types import check_volumes
from supervisor.model.pod import Container
from supervisor.runtime.base import (
    ContainerConfig,
    EngineRefused,
    MountRefused,
    MountUnsafe,
    NotFound,
    ObservedPod,
    RuntimeFailure,
    SandboxLacks,
    State,
)
from supervisor.runtime.reach import PodAddress

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Network:
    """A pod's running sandbox."""

    sandbox_id: str
    address: PodAddress


class Starts:
    def __init__(
        self,
        site: Site,
        images: Images,
        objects: ApiObjects,
        hooks: Hooks,
        filled: FilledVolumes,
    ) -> None:
        self._site = site
        self._runtime = site.runtime
        self._events = site.events
        self._machine = site.machine
        self._images = images
        self._objects = objects
        self._hooks = hooks
        self._filled = filled
        self._lock = threading.Lock()
        #: postStart hooks under way, by pod uid.
        self._under_way: dict[str, Place] = {}

    def sandbox(self, record: PodRecord, action: StartSandbox) -> Network:
        """Start the pod's sandbox. Raises StartFailed."""
        try:
            check_volumes(record.obj)
        except StartFailed as error:
            self._events.pod(record, "Warning", error.reason, error.message)
            raise
        claims = self._claimed(record)
        if action.because == SANDBOX_CHANGED:
            self._events.pod(record, "Normal", "SandboxChanged", SANDBOX_CHANGED)
        config = replace(
            sandbox_config(record.pod, action.attempt, claims),
            labels=origin.sandbox_labels(record, self._site.store.present),
        )
        try:
            self._runtime.start_sandbox(config)
        except MountRefused as error:
            raise self._mount_failed(record, error) from error
        except (EngineRefused, NotFound) as error:
            text = f"Failed to create pod sandbox: {error}"
            self._events.pod(record, "Warning", "FailedCreatePodSandBox", text)
            awaits = HostPort() if config.ports else None
            failed = StartFailed("FailedCreatePodSandBox", text, RETRY_SECONDS, awaits)
            raise failed from error
        return self.network(record)

    def network(self, record: PodRecord) -> Network:
        """The pod's sandbox as it runs. Raises StartFailed if it does not."""
        found = self.inside(record, self._runtime.pod(record.uid))
        if found is None:
            raise StartFailed("FailedCreatePodSandBox", "the sandbox died at once", 1.0)
        return found

    def inside(self, record: PodRecord, seen: ObservedPod | None) -> Network | None:
        """The pod's sandbox as it was seen; None if it did not run."""
        newest = next(iter(seen.sandboxes), None) if seen else None
        if seen is None or newest is None or newest.state is not State.RUNNING:
            return None
        return Network(newest.id, self._site.address(record, seen))

    def container(
        self, record: PodRecord, start: StartContainer, network: Network
    ) -> None:
        """Start a container. Raises StartFailed, or ImagePulling."""
        container = record.pod.spec.container(start.container)
        assert container is not None, "plans start what the spec names"
        image = self._images.ready(record, container, start)
        facts = self._machine.facts(record.pod, network.address.ip)
        self._fill_volumes(record, network)
        claims = self._claimed(record)
        try:
            config = container_config(
                facts,
                container,
                start,
                sandbox_id=network.sandbox_id,
                image=image,
                objects=self._objects,
                seccomp_folder=self._site.node.seccomp_folder,
                claims=claims,
            )
            container_id = self._create(record, container, config)
        except StartFailed as error:
            if error.reason != CREATING:
                self._failed(record, container, error)
            raise
        self._say(record, container, "Created", f"Created container: {container.name}")
        self._run(record, container, container_id)
        self._post_start(record, container, container_id, network)

    def _claimed(self, record: PodRecord) -> Mapping[str, Claimed]:
        try:
            return claimed(record.pod, self._objects)
        except StartFailed as error:
            self._events.pod(record, "Warning", "FailedMount", error.message)
            raise

    def _fill_volumes(self, record: PodRecord, network: Network) -> None:
        try:
            self._filled.fill(record.pod, network.sandbox_id, network.address.ip)
        except StartFailed as error:
            self._events.pod(record, "Warning", "FailedMount", error.message)
            raise

    def _run(self, record: PodRecord, container: Container, container_id: str) -> None:
        """Start what was created. Raises StartFailed."""
        try:
            self._runtime.start_container(container_id)
        except MountUnsafe as error:
            self._runtime.remove_container(container_id)
            failure = config_error(str(error))
            self._failed(record, container, failure)
            raise failure from error
        except (EngineRefused, NotFound) as error:
            failure = StartFailed("RunContainerError", str(error))
            self._failed(record, container, failure)
            raise failure from error
        self._say(record, container, "Started", f"Started container {container.name}")

    def _create(
        self, record: PodRecord, container: Container, config: ContainerConfig
    ) -> str:
        made_from = origin.labels(record, self._site.store.present)
        config = replace(config, labels={**config.labels, **made_from})
        if text := limits.raised(container):
            event = "Warning", "MemoryLimitRaised", text
            self._events.container(record, container, *event)
        try:
            return self._runtime.create_container(config)
        except MountRefused as error:
            raise self._mount_failed(record, error) from error
        except MountUnsafe as error:
            raise config_error(str(error)) from error
        except SandboxLacks as error:
            # The pod's next plan finds no sandbox, and makes one that is up to date.
            self._runtime.remove_sandbox(config.sandbox_id)
            raise StartFailed(CREATING, str(error), 1.0) from error
        except NotFound as error:
            self._images.lost(container.image)
            raise StartFailed("CreateContainerError", str(error), 1.0) from error
        except EngineRefused as error:
            text = str(error)
            raise StartFailed("CreateContainerError", text, RETRY_SECONDS) from error

    def _mount_failed(self, record: PodRecord, error: MountRefused) -> StartFailed:
        failure = mount_failed(record.pod, error.host_path, str(error))
        self._events.pod(record, "Warning", "FailedMount", failure.message)
        return failure

    def _post_start(
        self,
        record: PodRecord,
        container: Container,
        container_id: str,
        network: Network,
    ) -> None:
        lifecycle = container.lifecycle
        if lifecycle is None or lifecycle.post_start is None:
            return
        place = Place(container, container_id, network.address, threading.Event())
        with self._lock:
            self._under_way[record.uid] = place
        try:
            self._hooks.run(lifecycle.post_start, place)
        except HookFailed as error:
            self._events.container(
                record,
                container,
                "Warning",
                "FailedPostStartHook",
                "PostStartHook failed",
            )
            self._say(record, container, "Killing", "FailedPostStartHook")
            self._site.prober.stopping(record.uid, [container_id])
            self._runtime.stop_container(container_id, pod_grace(record.pod))
            raise StartFailed("PostStartHookError", str(error)) from error
        finally:
            with self._lock:
                self._under_way.pop(record.uid, None)

    def interrupt(self, pod_uid: str, deadline: float) -> None:
        """Stop a container whose postStart hook would keep its pod from ending."""
        with self._lock:
            place = self._under_way.get(pod_uid)
        if place is None:
            return
        place.ended.set()
        self._site.prober.stopping(pod_uid, [place.container_id])
        grace = max(deadline - self._site.clock.now(), 0.0)
        # The caller must not be kept waiting. The hook ends with its container.
        threading.Thread(
            target=self._stop, args=(place.container_id, grace), daemon=True
        ).start()

    def _stop(self, container_id: str, grace_seconds: float) -> None:
        try:
            self._runtime.stop_container(container_id, grace_seconds)
        except RuntimeFailure as error:
            _log.warning("container %s did not stop: %s", container_id[:12], error)

    def _say(
        self, record: PodRecord, container: Container, reason: str, text: str
    ) -> None:
        self._events.container(record, container, "Normal", reason, text)

    def _failed(
        self, record: PodRecord, container: Container, error: StartFailed
    ) -> None:
        text = f"Error: {error.message}"
        self._events.container(record, container, "Warning", "Failed", text)
