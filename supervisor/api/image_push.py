"""Copies an image from one node's engine to others, without an image registry.

Rules
- Nodes are processed one after the other; an error on one does not stop the push.
- Nothing is stored in between: chunks are streamed from engine to engine.
- Nothing is sent to a node that already has the same image under the same name.
- If nodes have different images of that name, the newest is copied unless `from` is
  given.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from supervisor.api.image_search import newest
from supervisor.api.node_queries import check_names, node_names, query
from supervisor.client.base import Client
from supervisor.client.node import NodeConnection, NodeDirectory, NodeImage
from supervisor.machinery.clock import Clock
from supervisor.model.errors import (
    ApiError,
    FieldError,
    internal,
    invalid,
    invalid_object,
    required,
    unavailable,
)
from supervisor.model.image_reference import is_valid_name
from supervisor.model.meta import Object
from supervisor.model.streams import ImageArchive

_KIND = "ImagePush.supervisor.io"
_FIELDS = ("apiVersion", "kind", "image", "from", "to")
_PROGRESS_SECONDS = 0.2
_logger = logging.getLogger(__name__)

Report = Callable[[Object], None]


@dataclass(frozen=True)
class Push:
    """A validated push; `source` and `targets` are names of nodes."""

    name: str
    image: NodeImage
    source: str
    targets: tuple[str, ...]


def prepare(client: Client, nodes: NodeDirectory, body: Object) -> Push:
    """Validate the body of a request and find the image.

    Raises ApiError 422 for an invalid body, 404 for unknown nodes and images.
    """
    name = _checked(body)
    known = node_names(client)
    source = check_names(known, [body["from"]] if body.get("from") else [])
    targets = check_names(known, body.get("to") or [])
    answers = query(nodes, source or known, lambda _, node: node.image(name))
    where, image = newest(name, answers)
    if where in targets and source:
        detail = "is the source of the image"
        raise invalid_object(_KIND, name, [invalid("to", where, detail)])
    targets = targets or [node for node in known if node != where]
    return Push(name, image, where, tuple(targets))


def _checked(body: Object) -> str:
    """The image name. Raises ApiError 422."""
    wrong: list[FieldError] = []
    name = body.get("image")
    if not name:
        wrong.append(required("image", "the name of an image, such as luksa/kubia"))
    elif not isinstance(name, str) or not is_valid_name(name):
        wrong.append(invalid("image", name, "must be the name of an image"))
    elif "@" in name:
        detail = "must be a name with a tag: an image cannot be pushed by digest"
        wrong.append(invalid("image", name, detail))
    if not isinstance(body.get("from", ""), str):
        wrong.append(invalid("from", body["from"], "must be the name of a node"))
    to = body.get("to") or []
    if not isinstance(to, list) or not all(isinstance(node, str) for node in to):
        wrong.append(invalid("to", to, "must be a list of names of nodes"))
    for field in sorted(set(body) - set(_FIELDS)):
        detail = f"unknown field; allowed: {', '.join(_FIELDS[2:])}"
        wrong.append(invalid(field, body[field], detail))
    if wrong:
        raise invalid_object(_KIND, str(name or ""), wrong)
    return str(name)


class Pusher:
    """Performs one push. `run` blocks; `cancel` may be called from any thread.

    `report` receives the events that the API streams to the client.
    """

    def __init__(
        self, push: Push, nodes: NodeDirectory, clock: Clock, report: Report
    ) -> None:
        self._push = push
        self._nodes = nodes
        self._clock = clock
        self._report = report
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._archive: ImageArchive | None = None

    def run(self) -> None:
        push, failed = self._push, []
        self._report(
            {
                "type": "Begin",
                "image": push.name,
                "imageID": push.image.id,
                "sizeBytes": push.image.size_bytes,
                "from": push.source,
                "to": list(push.targets),
            }
        )
        for target in push.targets:
            if self._cancelled.is_set():
                return
            if error := self._push_to(target):
                failed.append(target)
                fields = {"reason": error.reason, "message": error.message}
                self._report({"type": "Failed", "node": target} | fields)
        self._report({"type": "End", "failed": failed})

    def cancel(self) -> None:
        self._cancelled.set()
        with self._lock:
            archive = self._archive
        if archive is not None:
            archive.close()

    def _push_to(self, target: str) -> ApiError | None:
        try:
            self._copy(target)
        except ApiError as error:
            return error
        except Exception as error:
            _logger.exception("pushing %s to node %s failed", self._push.name, target)
            return internal(f"{type(error).__name__}; the server's log has the details")
        return None

    def _copy(self, target: str) -> None:
        push = self._push
        node = self._nodes.connect(target)
        if self._has(node):
            self._report({"type": "Present", "node": target})
            return
        began = self._clock.now()
        archive = self._open(target)
        try:
            chunks = _CountedChunks(
                archive, lambda kind, n: self._progress(kind, target, n)
            )
            node.load_image(chunks.counted(self._clock))
        finally:
            with self._lock:
                self._archive = None
            archive.close()
        if node.image(push.name) is None:
            raise internal(f"the engine accepted {push.name} but does not list it")
        seconds = round(self._clock.now() - began, 3)
        fields = {"bytes": chunks.sent, "seconds": seconds}
        self._report({"type": "Pushed", "node": target} | fields)
        _logger.info("pushed %s from %s to %s", push.name, push.source, target)

    def _has(self, node: NodeConnection) -> bool:
        present = node.image(self._push.name)
        return present is not None and present.id == self._push.image.id

    def _open(self, target: str) -> ImageArchive:
        source = self._nodes.connect(self._push.source)
        archive = source.save_image(self._push.name)
        with self._lock:
            self._archive = archive
        if self._cancelled.is_set():
            archive.close()
        return archive

    def _progress(self, kind: str, target: str, sent: int) -> None:
        if self._cancelled.is_set():
            raise unavailable("the push was cancelled")
        self._report({"type": kind, "node": target, "bytes": sent})


class _CountedChunks:
    """Counts the bytes of an archive and reports progress at intervals."""

    def __init__(
        self, archive: ImageArchive, report: Callable[[str, int], None]
    ) -> None:
        self._archive = archive
        self._report = report
        self.sent = 0

    def counted(self, clock: Clock) -> Iterator[bytes]:
        reported_at = 0.0
        for chunk in self._archive:
            yield chunk
            self.sent += len(chunk)
            if clock.now() - reported_at >= _PROGRESS_SECONDS:
                reported_at = clock.now()
                self._report("Progress", self.sent)
        self._report("Loading", self.sent)
