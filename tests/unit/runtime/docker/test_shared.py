"""What one thread closes while others use it is released after the last use."""

from supervisor.runtime.docker.connection.shared import Shared


class Noted:
    """Something shared, and what was done to it."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.shared = Shared(
            lambda: self.done.append("interrupt"), lambda: self.done.append("release")
        )


def test_what_is_not_in_use_is_released_at_once() -> None:
    """And once only."""
    noted = Noted()

    noted.shared.close()
    noted.shared.close()

    assert noted.done == ["interrupt", "release"]
    assert noted.shared.closed


def test_the_last_user_releases_it() -> None:
    """Until then it is only interrupted."""
    noted = Noted()

    with noted.shared.use() as first, noted.shared.use() as second:
        assert first and second
        noted.shared.close()
        assert noted.done == ["interrupt"]

    assert noted.done == ["interrupt", "release"]


def test_what_is_closed_cannot_be_used() -> None:
    """The attempt does not release it again."""
    noted = Noted()
    noted.shared.close()

    with noted.shared.use() as is_open:
        assert not is_open

    assert noted.done == ["interrupt", "release"]
