"""Checks of the machine: the state folder and free disk space."""

import os
import shutil
import stat
from collections.abc import Iterator

from supervisor.cli.checks.finding import CheckContext, Finding, fail, ok, warn

_GIB = 2**30
_MIN_BYTES = 100 * 2**20
_COMFORTABLE_BYTES = 2 * _GIB


def run(context: CheckContext) -> Iterator[Finding]:
    yield _state(context)
    yield _disk(context)


def _state(context: CheckContext) -> Finding:
    path = context.state_dir
    if not path.exists():
        parent = next(p for p in path.parents if p.exists())
        if os.access(parent, os.W_OK | os.X_OK):
            return ok("state", f"{path} is created when the daemon starts")
        hint = "become root, or choose another folder with --state-dir"
        return fail("state", f"cannot create {path} in {parent}", hint)
    if not path.is_dir():
        return fail(
            "state", f"{path} is not a folder", "choose another with --state-dir"
        )
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        hint = f"it belongs to user {path.stat().st_uid}: become that user"
        return fail("state", f"{path} is not writable", hint)
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        hint = f"it contains keys and the token: chmod 700 {path}"
        return warn("state", f"{path} has mode {mode:04o}", hint)
    return ok("state", str(path))


def _disk(context: CheckContext) -> Finding:
    path = context.state_dir
    there = path if path.exists() else next(p for p in path.parents if p.exists())
    free = shutil.disk_usage(there).free
    text = f"{free / _GIB:.1f} GiB free at {there}"
    if free < _MIN_BYTES:
        return fail("disk", text, "the store cannot be written: free disk space")
    if free < _COMFORTABLE_BYTES:
        return warn(
            "disk", text, "images and logs need disk space: see `docker system df`"
        )
    return ok("disk", text)
