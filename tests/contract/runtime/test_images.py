"""Images that leave one engine and enter another, or the same once more."""

from collections.abc import Iterator

import pytest

from supervisor.runtime.base import EngineRefused, NotFound
from tests.contract.runtime.lab import Lab


def test_a_saved_image_can_be_loaded(lab: Lab) -> None:
    """It is the same image under the same names afterwards."""
    before = lab.runtime.image(lab.image)
    archive = lab.runtime.save_image(lab.image)
    try:
        lab.runtime.load_image(archive)
    finally:
        archive.close()

    assert before is not None
    assert lab.runtime.image(lab.image) == before


def test_an_image_that_is_not_there_cannot_be_saved(lab: Lab) -> None:
    """NotFound names it; the next save is not kept waiting."""
    with pytest.raises(NotFound, match="no/such"):
        lab.runtime.save_image("no/such")

    lab.runtime.save_image(lab.image).close()


def test_a_closed_archive_is_no_end(lab: Lab) -> None:
    """Nobody takes it for whole, since reading on raises; another save can begin."""
    archive = lab.runtime.save_image(lab.image)
    pieces = iter(archive)
    assert next(pieces)
    archive.close()
    archive.close()

    with pytest.raises(Exception, match="closed"):
        list(pieces)
    lab.runtime.save_image(lab.image).close()


def test_an_archive_that_breaks_is_not_loaded(lab: Lab) -> None:
    """What its iteration raises goes through; the next load is not kept waiting."""

    def broken() -> Iterator[bytes]:
        yield b"the beginning"
        raise ConnectionError("the other side is gone")

    with pytest.raises(ConnectionError, match="the other side"):
        lab.runtime.load_image(broken())
    with pytest.raises(EngineRefused):
        lab.runtime.load_image([b"this is no archive " * 100])
