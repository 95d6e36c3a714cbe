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
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK)
"""What file systems say that have no hard links, such as those of memory sticks."""


@click.command("backup", cls=Verb)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_connection
@click.pass_obj
def command(session: Session, /, file: Path) -> None:
    """Save a consistent, verified copy of all objects to the new file FILE.

    It holds Secrets in plain form, and is readable by its owner only. `supervisor
    restore FILE` takes it back while the daemon is stopped.
    """
    from supervisor.store.base import StoreError
    from supervisor.store.sqlite.backup import verify

    if file.exists():
        raise Failure(f"{file} exists already; a backup never overwrites a file")
    draft = file.with_name(f".{file.name}.part")
    try:
        draft.unlink(missing_ok=True)
        stream = session.client.connection.stream(PATH, accept="*/*")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as target, contextlib.closing(stream):
            for piece in stream:
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        count = verify(draft)
        _publish(draft, file)
    except FileExistsError as error:
        raise Failure(f"{file} exists already") from error
    except OSError as error:
        raise Failure(f"cannot write {file}: {error.strerror or error}") from error
    except StoreError as error:
        raise Failure(f"the copy that was received is not sound: {error}") from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    click.echo(f"{file}: {count} objects, {size(file.stat().st_size)}, verified")


def _publish(draft: Path, file: Path) -> None:
    """Give the finished copy its name. Raises FileExistsError, OSError."""
    try:
        # Unlike a rename, a link never replaces what has come there meanwhile.
        os.link(draft, file)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if file.exists():
            raise FileExistsError(errno.EEXIST, "exists already", str(file)) from error
        draft.rename(file)
