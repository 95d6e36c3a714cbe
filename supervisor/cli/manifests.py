"""Reading manifests for a command; errors in them are raised as Failure."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from supervisor.cli.failure import Failure
from supervisor.client import manifests
from supervisor.client.manifests import Manifest, ManifestError

__all__ = ["Manifest", "parse", "read"]


def read(names: Iterable[str], *, recursive: bool = False) -> list[Manifest]:
    """The objects in all files, folders and URLs of `names`. Raises Failure."""
    with _as_failure():
        return manifests.read(names, recursive=recursive)


def parse(text: str, source: str) -> list[Manifest]:
    """The objects in one text. Raises Failure."""
    with _as_failure():
        return manifests.parse(text, source)


@contextmanager
def _as_failure() -> Iterator[None]:
    try:
        yield
    except ManifestError as error:
        raise Failure(error.message, error.hint) from error
