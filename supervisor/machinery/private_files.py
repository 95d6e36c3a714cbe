"""Write files atomically, readable by their owner only."""

import os
import secrets
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Replace the file at `path` atomically, with mode 0600. Raises OSError.

    After a crash, the file has either its old or its new content.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
