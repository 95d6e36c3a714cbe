"""A few sandboxes are started at a time; the other pods wait in a row."""

from supervisor.agent.pods.execute.start_limiter import StartLimiter


def test_pods_wait_in_a_row() -> None:
    """Who waits is woken in the order of coming, when a turn is given back."""
    woken: list[str] = []
    start_limiter = StartLimiter(woken.append, most=2)
    assert [start_limiter.take(uid) for uid in "abcd"] == [True, True, False, False]

    start_limiter.give_back("b")
    start_limiter.give_back("a")

    assert woken == ["c", "d"]
    assert start_limiter.take("c")
    assert not start_limiter.take("a")


def test_asking_again_keeps_the_place() -> None:
    """A pod that is looked at while it waits does not lose its place."""
    woken: list[str] = []
    start_limiter = StartLimiter(woken.append, most=1)
    for uid in ("a", "b", "c", "b"):
        start_limiter.take(uid)

    start_limiter.give_back("a")

    assert woken == ["b"]


def test_only_who_has_a_turn_gives_it_back() -> None:
    """Giving back what one does not have lets nobody in."""
    woken: list[str] = []
    start_limiter = StartLimiter(woken.append, most=1)
    start_limiter.take("a")
    start_limiter.take("b")

    start_limiter.give_back("b")

    assert woken == []
    assert start_limiter.take("a")
