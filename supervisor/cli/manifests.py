"""Manifests that a command line names; what is wrong with them ends the command."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from supervisor.cli.failure import Failure
from supervisor.client import manifests
from supervisor.client.manifests import Manifest, ManifestError

__all__ = ["Manifest", "parse", "read"]


def read(names: Iterable[str], *, recursive: bool = False) -> list[Manifest]:
    """The objects in all that is named; raises Failure."""
    with _as_failure():
        return manifests.read(names, recursive=recursive)


def parse(text: str, source: str) -> list[Manifest]:
    """The objects in one text; raises Failure."""
    with _as_failure():
        return manifests.parse(text, source)


@contextmanager
def _as_failure() -> Iterator[None]:
    try:
        yield
    except ManifestError as error:
        raise Failure(error.message, error.hint) from error
