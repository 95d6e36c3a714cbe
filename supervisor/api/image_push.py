"""Copies an image from the engine of one node to those of others, without a registry.

Rules
- One node after the other; one that fails does not keep the next from its turn.
- Nothing is stored on the way: pieces go from one engine to the other as they come, so
  the slower of the two sets the pace.
- A node that has the very image under that name gets nothing sent.
- Of an image that differs between nodes, the newest is copied, unless `from` says else.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from supervisor.api.every_node import ask, existing, node_names
from supervisor.api.image_search import newest
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

Tell = Callable[[Object], None]


@dataclass(frozen=True)
class Push:
    """What is to be done, found out and allowed."""

    name: str
    image: NodeImage
    source: str
    targets: tuple[str, ...]


def prepare(client: Client, nodes: NodeDirectory, body: Object) -> Push:
    """Raises ApiError 422 for a bad body, 404 for unknown nodes and images."""
    name = _checked(body)
    known = node_names(client)
    source = existing(known, [body["from"]] if body.get("from") else [])
    targets = existing(known, body.get("to") or [])
    answers = ask(nodes, source or known, lambda node: node.image(name))
    where, image = newest(name, answers)
    if where in targets and source:
        detail = "is the node that the image comes from"
        raise invalid_object(_KIND, name, [invalid("to", where, detail)])
    targets = targets or [node for node in known if node != where]
    return Push(name, image, where, tuple(targets))


def _checked(body: Object) -> str:
    """The image's name."""
    wrong: list[FieldError] = []
    name = body.get("image")
    if not name:
        wrong.append(required("image", "the name of an image, such as luksa/kubia"))
    elif not isinstance(name, str) or not is_valid_name(name):
        wrong.append(invalid("image", name, "must be the name of an image"))
    elif "@" in name:
        detail = "must be a name with a tag: digests are known to registries only"
        wrong.append(invalid("image", name, detail))
    if not isinstance(body.get("from", ""), str):
        wrong.append(invalid("from", body["from"], "must be the name of a node"))
    to = body.get("to") or []
    if not isinstance(to, list) or not all(isinstance(node, str) for node in to):
        wrong.append(invalid("to", to, "must be a list of names of nodes"))
    for field in sorted(set(body) - set(_FIELDS)):
        detail = f"unknown field; there are {', '.join(_FIELDS[2:])}"
        wrong.append(invalid(field, body[field], detail))
    if wrong:
        raise invalid_object(_KIND, str(name or ""), wrong)
    return str(name)


class Pusher:
    """Carries out one push. `run` blocks; `cancel` from any thread ends it early."""

    def __init__(
        self, push: Push, nodes: NodeDirectory, clock: Clock, tell: Tell
    ) -> None:
        self._push = push
        self._nodes = nodes
        self._clock = clock
        self._tell = tell
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._archive: ImageArchive | None = None

    def run(self) -> None:
        push, failed = self._push, []
        self._tell(
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
            if error := self._one(target):
                failed.append(target)
                said = {"reason": error.reason, "message": error.message}
                self._tell({"type": "Failed", "node": target} | said)
        self._tell({"type": "End", "failed": failed})

    def cancel(self) -> None:
        self._cancelled.set()
        with self._lock:
            archive = self._archive
        if archive is not None:
            archive.close()

    def _one(self, target: str) -> ApiError | None:
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
            self._tell({"type": "Present", "node": target})
            return
        began = self._clock.now()
        archive = self._open(target)
        try:
            pieces = _Pieces(archive, lambda kind, n: self._progress(kind, target, n))
            node.load_image(pieces.counted(self._clock))
        finally:
            with self._lock:
                self._archive = None
            archive.close()
        if node.image(push.name) is None:
            raise internal(f"the engine has taken {push.name} and does not have it")
        seconds = round(self._clock.now() - began, 3)
        said = {"bytes": pieces.sent, "seconds": seconds}
        self._tell({"type": "Pushed", "node": target} | said)
        _logger.info("pushed %s from %s to %s", push.name, push.source, target)

    def _has(self, node: NodeConnection) -> bool:
        there = node.image(self._push.name)
        return there is not None and there.id == self._push.image.id

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
        self._tell({"type": kind, "node": target, "bytes": sent})


class _Pieces:
    """Counts what passes, and tells of it now and then."""

    def __init__(self, archive: ImageArchive, tell: Callable[[str, int], None]) -> None:
        self._archive = archive
        self._tell = tell
        self.sent = 0

    def counted(self, clock: Clock) -> Iterator[bytes]:
        told_at = 0.0
        for piece in self._archive:
            yield piece
            self.sent += len(piece)
            if clock.now() - told_at >= _PROGRESS_SECONDS:
                told_at = clock.now()
                self._tell("Progress", self.sent)
        self._tell("Loading", self.sent)
