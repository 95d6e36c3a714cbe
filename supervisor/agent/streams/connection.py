"""Logs, exec, attach and port-forward for the containers of this node; its images.

Rules
- A container is found by its pod's uid and its name; which of its instances is meant
  follows from the request: the running one, or for `--previous` the one before.
- What cannot be done is refused in upstream's words before anything is streamed.

Follows pkg/kubelet/kubelet_pods.go (validateContainerLogStatus).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

from supervisor.agent.node import usage
from supervisor.agent.pods.bound_pods import PodRecord
from supervisor.agent.pods.plan.history import History
from supervisor.agent.pods.plan.leftovers import Leftover
from supervisor.agent.pods.plan.pod import decide
from supervisor.agent.site import Site
from supervisor.client.node import HeldPod, NodeImage, NodeLeftover
from supervisor.model.errors import ApiError, bad_request, internal, unavailable
from supervisor.model.streams import (
    ByteStream,
    ExecSession,
    ImageArchive,
    LogOptions,
    LogStream,
)
from supervisor.model.usage import Usage
from supervisor.runtime.base import (
    ContainerPaused,
    EngineRefused,
    EngineUnavailable,
    Image,
    NotFound,
    ObservedPod,
    State,
)
from supervisor.runtime.base.inventory import Whose
from supervisor.runtime.reach import NoWay, PodAddress

_DIAL_SECONDS = 10.0
_PULL_TROUBLE = {
    "ErrImagePull": "trying and failing to pull image",
    "ImagePullBackOff": "trying and failing to pull image",
}


class AgentConnection:
    """Satisfies client.node.NodeConnection.

    `report` has the Node's status renewed, `wake(uid)` a pod looked at again.
    """

    def __init__(
        self,
        site: Site,
        report: Callable[[], None],
        wake: Callable[[str], None],
        leftovers: Callable[[], Sequence[Leftover]],
    ) -> None:
        self._site = site
        self._runtime = site.runtime
        self._report = report
        self._wake = wake
        self._leftovers = leftovers

    def logs(self, pod_uid: str, container: str, options: LogOptions) -> LogStream:
        record = self._record(pod_uid)
        with _refusals():
            seen = self._runtime.pod(pod_uid)
            container_id = self._log_source(record, seen, container, options)
            return self._runtime.logs(container_id, replace(options, previous=False))

    def exec(
        self,
        pod_uid: str,
        container: str,
        command: Sequence[str],
        *,
        stdin: bool,
        tty: bool,
    ) -> ExecSession:
        with _refusals():
            container_id = self._running(pod_uid, container)
            return self._runtime.open_exec(container_id, command, stdin=stdin, tty=tty)

    def attach(
        self, pod_uid: str, container: str, *, stdin: bool, tty: bool
    ) -> ExecSession:
        with _refusals():
            container_id = self._running(pod_uid, container)
            return self._runtime.open_attach(container_id, stdin=stdin, tty=tty)

    def dial(self, pod_uid: str, port: int) -> ByteStream:
        record = self._record(pod_uid)
        with _refusals():
            seen = self._runtime.pod(pod_uid)
            address = self._site.address(record, seen)
            if not address.ip:
                raise bad_request(
                    f'pod "{record.pod.metadata.name}" has no address yet'
                )
            try:
                return self._dial(seen, address, port)
            except NoWay as error:
                text = f"the pod's loopback takes no connection at {port}, and {error}"
                raise bad_request(text) from error
            except OSError as error:
                where = f"{address.ip}:{port}"
                raise unavailable(f"{where} cannot be reached: {error}") from error

    def _dial(
        self, seen: ObservedPod | None, address: PodAddress, port: int
    ) -> ByteStream:
        """To the pod's address, or else inside it, where some listen on loopback alone.

        What may take a connection in the pod's place says nothing, and comes last.
        """
        try:
            if self._runtime.reach.way(address, port).may_accept_early:
                with suppress(OSError, EngineRefused, NotFound):
                    return self._dial_inside(seen, port)
            return self._runtime.dial(address, port, _DIAL_SECONDS)
        except (NoWay, OSError):
            with suppress(OSError, EngineRefused, NotFound):
                return self._dial_inside(seen, port)
            raise

    def _dial_inside(self, seen: ObservedPod | None, port: int) -> ByteStream:
        for sandbox in seen.sandboxes if seen else ():
            if sandbox.state is State.RUNNING:
                return self._runtime.dial_inside(sandbox.id, port)
        raise NotFound("the pod has no sandbox that runs")

    # -- images

    def image(self, name: str) -> NodeImage | None:
        with _refusals():
            found = self._runtime.image(name)
        return _shown(found) if found else None

    def images(self) -> Sequence[NodeImage]:
        with _refusals():
            return [_shown(image) for image in self._runtime.images()]

    def save_image(self, name: str) -> ImageArchive:
        with _refusals():
            return _Archive(self._runtime.save_image(name))

    def load_image(self, archive: Iterable[bytes]) -> None:
        with _refusals():
            self._runtime.load_image(archive)
        self._report()

    # -- usage

    def pod_usage(self, pod_uids: Sequence[str]) -> Mapping[str, Mapping[str, Usage]]:
        with _refusals():
            return usage.of_pods(self._runtime, pod_uids)

    def machine_usage(self) -> Usage:
        with _refusals():
            return self._runtime.machine_usage()

    # -- pods that the API does not know

    def held_pods(self) -> Sequence[HeldPod]:
        with _refusals():
            return self._site.custody.pods()

    def recheck_held_pods(self) -> None:
        for uid in self._site.custody.uids():
            self._wake(uid)

    # -- leftovers

    def leftovers(self) -> Sequence[NodeLeftover]:
        with _refusals():
            return [
                NodeLeftover(
                    one.found.sort.value,
                    one.found.name,
                    one.found.pod,
                    one.because,
                    is_removed=one.found.whose is Whose.OURS,
                )
                for one in self._leftovers()
            ]

    # -- which container

    def _record(self, pod_uid: str) -> PodRecord:
        record = self._site.bound_pods.get(pod_uid)
        if record is None:
            raise unavailable(
                f"the pod with uid {pod_uid} is not known on its node yet"
            )
        return record

    def _log_source(
        self,
        record: PodRecord,
        seen: ObservedPod | None,
        container: str,
        options: LogOptions,
    ) -> str:
        it = self._site.situation(record, seen)
        history = it.history(container)
        pod_name = record.pod.metadata.name
        if options.previous:
            return _previous(history, container, pod_name)
        newest = history.running or history.newest
        if newest is not None:
            return newest.id
        waiting = decide(it).waiting_for(container)
        reason = waiting.reason if waiting else ""
        if not reason:
            inits = bool(record.pod.spec.init_containers)
            reason = "PodInitializing" if inits else "ContainerCreating"
        why = _PULL_TROUBLE.get(reason, reason)
        raise bad_request(
            f'container "{container}" in pod "{pod_name}" is waiting to start: {why}'
        )

    def _running(self, pod_uid: str, container: str) -> str:
        record = self._record(pod_uid)
        it = self._site.situation(record, self._runtime.pod(pod_uid))
        running = it.history(container).running
        if running is None:
            raise bad_request(
                f'container "{container}" of pod "{record.pod.metadata.name}" '
                "is not running"
            )
        return running.id


class _Archive:
    """An archive whose failures are answers of the API."""

    def __init__(self, archive: ImageArchive) -> None:
        self._archive = archive

    def __iter__(self) -> Iterator[bytes]:
        with _refusals():
            yield from self._archive

    def close(self) -> None:
        self._archive.close()


def _shown(image: Image) -> NodeImage:
    return NodeImage(image.id, image.names, image.size_bytes, image.created_at)


def _previous(history: History, container: str, pod_name: str) -> str:
    """The instance before the present one: that of `lastState`."""
    waits = history.running is None and len(history.dead) == 1
    dead = history.dead if history.running or waits else history.dead[1:]
    if not dead:
        raise bad_request(
            f'previous terminated container "{container}" in pod "{pod_name}" not found'
        )
    return dead[0].id


@contextmanager
def _refusals() -> Iterator[None]:
    """Failures of the engine as answers of the API."""
    try:
        yield
    except EngineUnavailable as error:
        raise unavailable(f"the node's engine is away: {error}") from error
    except NotFound as error:
        raise ApiError(404, "NotFound", str(error)) from error
    except ContainerPaused as error:
        raise ApiError(409, "Conflict", str(error)) from error
    except EngineRefused as error:
        raise internal(str(error)) from error
