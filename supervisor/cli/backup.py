"""`supervisor backup FILE`: save a copy of the daemon's store, while it is in use."""

import contextlib
import errno
import os
from pathlib import Path

import click

from supervisor.cli.failure import Failure
from supervisor.cli.options import Verb, with_connection
from supervisor.cli.session import Session
from supervisor.cli.sizes import size

PATH = "/apis/supervisor.io/v1/backup"
_LINK_UNSUPPORTED = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)
"""Errors from file systems without hard links, such as FAT."""


@click.command("backup", cls=Verb)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_connection
@click.pass_obj
def command(session: Session, /, file: Path) -> None:
    """Save a consistent, verified copy of all objects to the new file FILE.

    The file contains Secrets unencrypted and is readable by its owner only. Restore it
    with `supervisor restore FILE` while the daemon is stopped.
    """
    from supervisor.store.base import StoreError
    from supervisor.store.sqlite.backup import verify

    if file.exists():
        raise Failure(f"{file} already exists; a backup never overwrites a file")
    partial = file.with_name(f".{file.name}.part")
    try:
        partial.unlink(missing_ok=True)
        stream = session.client.connection.stream(PATH, accept="*/*")
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as target, contextlib.closing(stream):
            for piece in stream:
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        count = verify(partial)
        _publish(partial, file)
    except FileExistsError as error:
        raise Failure(f"{file} already exists") from error
    except OSError as error:
        raise Failure(f"cannot write {file}: {error.strerror or error}") from error
    except StoreError as error:
        raise Failure(f"the received copy is damaged: {error}") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
    click.echo(f"{file}: {count} objects, {size(file.stat().st_size)}, verified")


def _publish(partial: Path, file: Path) -> None:
    """Rename the finished copy. Raises FileExistsError or OSError."""
    try:
        # Unlike rename(), link() never replaces a file created in the meantime.
        os.link(partial, file)
    except OSError as error:
        if error.errno not in _LINK_UNSUPPORTED:
            raise
        if file.exists():
            raise FileExistsError(errno.EEXIST, "already exists", str(file)) from error
        partial.rename(file)
