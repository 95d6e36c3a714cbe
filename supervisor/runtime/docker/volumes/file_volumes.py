"""Volumes whose files we write: the keys of ConfigMaps and Secrets, fields of the pod.

Rules
- Such a volume is a tmpfs volume. The sandbox mounts it writable, which keeps it alive,
  and containers mount it read-only. Files are written through the running sandbox.
- The layout is the kubelet's: a directory `..HASH.NONCE` with the files, a link
  `..data` to it, and for each name at the top a link through `..data`. HASH is made of
  the content, so that the link tells what is there.
- New content is written beside the old, and one rename of `..data_tmp` to `..data`
  replaces it. The engine's archive call cannot rename, so the pause program does. It
  removes the old directory a little later: a reader that is inside can finish.

Follows pkg/volume/util/atomic_writer.go.
"""

import hashlib
import os
import posixpath
import tarfile
from collections.abc import Iterable, Sequence
from secrets import token_hex

from supervisor.runtime.base import (
    GROUP_READS,
    EngineRefused,
    EngineUnavailable,
    Files,
    NotFound,
)
from supervisor.runtime.docker import archives
from supervisor.runtime.docker.archives import Entry
from supervisor.runtime.docker.connection.client import EngineClient
from supervisor.runtime.docker.connection.errors import translated
from supervisor.runtime.docker.connection.host_clock import HostClock
from supervisor.runtime.docker.streams.exec import open_exec
from supervisor.runtime.docker.streams.reaper import Reaper
from supervisor.runtime.docker.volumes.files import stat
from supervisor.runtime.docker.volumes.mounts import in_sandbox

_DATA, _DRAFT = "..data", "..data_tmp"
_NONCE = "."
_MADE_BEFORE = 1
"""Exit code of older pause programs, which cannot rename."""


class FileVolumes:
    def __init__(self, client: EngineClient, reaper: Reaper, clock: HostClock) -> None:
        self._client = client
        self._clock = clock
        self._reaper = reaper

    def write(
        self, sandbox_id: str, volume: str, files: Files, group: int | None
    ) -> bool:
        """Satisfies Volumes.write_files."""
        root, digest = in_sandbox(volume), digest_of(files, group)
        with translated():
            current = self._current(sandbox_id, root)
            if current.partition(_NONCE)[0] == digest:
                return False
            made = f"{digest}{_NONCE}{token_hex(4)}"
            written = tree(made, files, group)
            if current:
                self._replace(sandbox_id, root, written, made, files)
            else:
                # Links come last: an interrupted call leaves none.
                entries = [*written, *links(files), (_DATA, folder(made))]
                self._put(sandbox_id, root, entries)
        return True

    def _current(self, sandbox_id: str, root: str) -> str:
        """The directory that `..data` leads to; empty if nothing has been written."""
        stat(self._client, sandbox_id, root)
        try:
            found = stat(self._client, sandbox_id, f"{root}/{_DATA}")
        except NotFound:
            return ""
        target = str(found.get("linkTarget") or "")
        return posixpath.basename(target).removeprefix("..")

    def _replace(
        self,
        sandbox_id: str,
        root: str,
        written: Sequence[Entry],
        made: str,
        files: Files,
    ) -> None:
        present = self._paths(sandbox_id, root)
        self._put(sandbox_id, root, [*written, (_DRAFT, folder(made))])
        old = [f"{root}/{path}" for path in surplus(present, files)]
        swap = ["/pause", "swap", f"{root}/{_DRAFT}", f"{root}/{_DATA}"]
        self._run(sandbox_id, [*swap, *old])
        new = [link for link in links(files) if link[0] not in present]
        if new:
            self._put(sandbox_id, root, new)

    def _put(self, sandbox_id: str, root: str, entries: Iterable[Entry]) -> None:
        archive = archives.of_entries(entries, self._clock.theirs(self._clock.now()))
        self._client.slow.put_archive(sandbox_id, root, archive)

    def _paths(self, sandbox_id: str, root: str) -> list[str]:
        """All paths in the volume."""
        path = f"/containers/{sandbox_id}/archive"
        response = self._client.stream(path, {"path": f"{root}/."})
        try:
            return archives.paths(response.read_some)
        except tarfile.TarError as error:
            text = f"the Docker engine sent {root} truncated or malformed"
            raise EngineUnavailable(text) from error
        finally:
            response.close()

    def _run(self, sandbox_id: str, command: Sequence[str]) -> None:
        session = open_exec(
            self._client, self._reaper, sandbox_id, command, stdin=False, tty=False
        )
        try:
            while session.read():
                pass
            code = session.exit_code()
        finally:
            session.close()
        if code == _MADE_BEFORE:
            raise EngineRefused("the pod's sandbox was made by an earlier version")
        if code:
            text = f"the files of a volume could not be replaced: {os.strerror(code)}"
            raise EngineRefused(text)


def digest_of(files: Files, group: int | None) -> str:
    """A digest of names, modes, group and content."""
    digest = hashlib.sha256(repr(group).encode())
    for path, file in sorted(files.items()):
        digest.update(f"\0{path}\0{file.mode}\0{len(file.data)}\0".encode())
        digest.update(file.data)
    return digest.hexdigest()[:16]


def folder(made: str) -> str:
    """The name of a directory with content."""
    return f"..{made}"


def tree(made: str, files: Files, group: int | None) -> list[Entry]:
    """The directory with its files."""
    top = folder(made)
    folders = {top}
    for path in files:
        parent = posixpath.dirname(f"{top}/{path}")
        while parent != top:
            folders.add(parent)
            parent = posixpath.dirname(parent)
    entries: list[Entry] = [archives.Folder(f, group) for f in sorted(folders)]
    for path, file in sorted(files.items()):
        mode = file.mode if group is None else file.mode | GROUP_READS
        entries.append(archives.Plain(f"{top}/{path}", file.data, mode, group))
    return entries


def links(files: Files) -> list[tuple[str, str]]:
    """The links at the top of the volume, and what they lead to."""
    tops = sorted({path.partition("/")[0] for path in files})
    return [(top, f"{_DATA}/{top}") for top in tops]


def surplus(present: Sequence[str], files: Files) -> list[str]:
    """The paths to remove after the rename, contents before their directory."""
    wanted = {top for top, _ in links(files)} | {_DATA, _DRAFT}
    stale = [p for p in present if p.partition("/")[0] not in wanted]
    return sorted(stale, key=lambda path: (-path.count("/"), path))
