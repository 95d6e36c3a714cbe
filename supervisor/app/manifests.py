"""A folder of manifests, applied at start and followed when files change.

Rules
- A file that appears or changes is applied as `supervisor apply` would do it; what it
  no longer names, and what a removed file named, is deleted.
- Objects of the folder carry an annotation with their file's name. Objects made in
  other ways are never deleted.
- A pod whose spec may not be changed in place is deleted and made again.
- A file that cannot be read or applied is reported once for each of its versions, and
  what it named before stays as it is.
"""

import logging
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple, NoReturn

from supervisor.client import client_side_apply
from supervisor.client import manifests as reading
from supervisor.client.base import Client, DeleteOptions, WriteOptions
from supervisor.client.client_side_apply import UNCHANGED
from supervisor.client.manifests import SUFFIXES, ManifestError
from supervisor.client.tolerant import TolerantClient
from supervisor.kinds.all import CATALOG
from supervisor.kinds.identity import POD
from supervisor.machinery.clock import Clock
from supervisor.machinery.controller import Controller
from supervisor.model.errors import ApiError, bad_request, conflict
from supervisor.model.meta import Object

SOURCE = "supervisor.io/manifest"
_LOOK_SECONDS = 2.0
_RETRY_SECONDS = 10.0
_log = logging.getLogger(__name__)


class Identity(NamedTuple):
    resource: str
    namespace: str
    name: str


class _Version(NamedTuple):
    modified: int
    size: int


class ManifestFolder:
    """Follows `path` from `start` until `stop`."""

    def __init__(self, path: Path, client: Client, clock: Clock) -> None:
        self._path = path
        self._client = self._screen = TolerantClient(client, "manifests")
        self._clock = clock
        #: The version of each file that was applied or given up.
        self._done: dict[str, _Version] = {}
        #: Why the folder could not be read when it was last looked at.
        self._trouble = ""
        self._loop: Controller[str] = Controller(
            "manifests",
            lambda key: self._screen.guard(lambda: self._look(key), passing=(OSError,)),
            clock,
            expected=(OSError, ApiError),
        )

    def start(self) -> None:
        self._loop.start()
        self._loop.wake(".")

    def stop(self, timeout: float = 5.0) -> None:
        self._loop.stop(timeout)

    def _look(self, key: str) -> float:
        """Apply what has changed, forget what is gone; then look again."""
        try:
            present = self._files()
        except OSError as error:
            # That is not an empty folder: nothing is deleted.
            self._complain(str(error.strerror or error))
            return self._clock.now() + _LOOK_SECONDS
        self._trouble = ""
        changed = [n for n, v in present.items() if self._done.get(n) != v]
        gone = [n for n in self._done if n not in present]
        first = not self._done
        retry = False
        for name in changed:
            retry |= not self._take(name)
            self._done[name] = present[name]
        if gone or first:
            self._delete_unnamed(set(present))
        for name in gone:
            del self._done[name]
        if retry:
            self._done.clear()
        return self._clock.now() + (_RETRY_SECONDS if retry else _LOOK_SECONDS)

    def _complain(self, trouble: str) -> None:
        if trouble != self._trouble:
            _log.error("%s: %s; looking for it again", self._path, trouble)
        self._trouble = trouble

    def _files(self) -> dict[str, _Version]:
        """Manifests of the folder by name, in order; editors' files are left out."""
        found = {}
        for path in sorted(self._path.iterdir()):
            if path.suffix in SUFFIXES and not path.name.startswith("."):
                stat = path.stat()
                found[path.name] = _Version(stat.st_mtime_ns, stat.st_size)
        return found

    def _take(self, name: str) -> bool:
        """Apply one file; False when it is worth trying again as it is."""
        try:
            objects = [m.object for m in reading.read([str(self._path / name)])]
        except (ManifestError, OSError) as error:
            _log.error("%s is not applied: %s", name, error)
            return True
        named: set[Identity] = set()
        complete, passing = True, False
        for obj in objects:
            try:
                named.add(self._apply(name, obj))
            except ApiError as error:
                complete = False
                # 403 and 404: what the object refers to may be in a later file.
                passing |= error.code >= 500 or error.code in (403, 404, 409)
                _log.error("%s: %s", name, error)
        if complete:
            self._delete_unnamed({name}, keep=named, only=name)
        return not passing

    def _apply(self, source: str, given: Object) -> Identity:
        served = CATALOG.by_kind(str(given["apiVersion"]), str(given["kind"]))
        if served is None or "create" not in served.resource.verbs:
            raise bad_request(
                f"no matches for kind {given['kind']!r} "
                f"in version {given['apiVersion']!r}"
            )
        kind = served.resource.identity
        meta = given["metadata"]
        namespace = meta.setdefault("namespace", "default") if kind.namespaced else ""
        meta["annotations"] = (meta.get("annotations") or {}) | {SOURCE: source}
        identity = Identity(kind.resource, namespace, str(meta.get("name") or ""))
        options = WriteOptions(field_validation="Strict")
        try:
            applied = client_side_apply.apply(
                self._client, kind.resource, given, options
            )
        except ApiError as error:
            if kind != POD or error.code != 422:
                raise
            self._make_way(identity, error)
        except ValueError as error:
            raise bad_request(str(error)) from error
        if applied.outcome != UNCHANGED:
            shown = f"{kind.singular}/{identity.name}"
            _log.info("%s: %s %s", source, shown, applied.outcome)
        return identity

    def _make_way(self, identity: Identity, refusal: ApiError) -> NoReturn:
        """Delete a pod that cannot be changed; the next look makes the new one.

        Raises ApiError: 409 while the old pod is there, the refusal if there is none.
        """
        resource, namespace, name = identity
        try:
            self._client.delete(resource, name, namespace)
        except ApiError as error:
            raise (refusal if error.code == 404 else error) from refusal
        raise conflict(resource, name, "it is deleted to be made anew") from refusal

    def _delete_unnamed(
        self,
        sources: set[str],
        *,
        keep: Collection[Identity] = (),
        only: str = "",
    ) -> None:
        """Delete what files once named: of `only`, or of all not in `sources`."""
        for kind in CATALOG.collected:
            for obj in self._client.list(kind.resource).items:
                meta = obj["metadata"]
                source = (meta.get("annotations") or {}).get(SOURCE)
                identity = Identity(
                    kind.resource, meta.get("namespace", ""), meta["name"]
                )
                if source is None or identity in keep or "deletionTimestamp" in meta:
                    continue
                if (source == only) if only else (source not in sources):
                    _log.info("%s: %s/%s deleted", source, kind.singular, meta["name"])
                    self._client.delete(
                        kind.resource,
                        meta["name"],
                        identity.namespace,
                        DeleteOptions(propagation_policy="Background", uid=meta["uid"]),
                    )
