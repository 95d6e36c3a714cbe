"""The queue of keys."""

from supervisor.machinery.workqueue import WorkQueue


def test_keys_leave_in_the_order_in_which_they_came() -> None:
    """The queue is fair."""
    queue: WorkQueue[str] = WorkQueue()
    for key in "cab":
        queue.add(key)

    assert [queue.get(0) for _ in range(3)] == ["c", "a", "b"]


def test_a_key_added_many_times_is_handed_out_once() -> None:
    """Wishes for the same key before a worker takes it are one."""
    queue: WorkQueue[str] = WorkQueue()
    for _ in range(5):
        queue.add("a")

    assert (queue.get(0), queue.get(0)) == ("a", None)


def test_a_key_is_never_with_two_workers() -> None:
    """A key added while a worker has it comes again only when that one is done."""
    queue: WorkQueue[str] = WorkQueue()
    queue.add("a")
    queue.get(0)

    queue.add("a")

    assert queue.get(0) is None
    queue.done("a")
    assert queue.get(0) == "a"


def test_a_key_that_nobody_added_again_does_not_come_back() -> None:
    """Being done with a key is the end of it."""
    queue: WorkQueue[str] = WorkQueue()
    queue.add("a")
    queue.get(0)

    queue.done("a")

    assert queue.get(0) is None
    assert len(queue) == 0


def test_a_closed_queue_hands_out_what_it_has_and_takes_nothing_more() -> None:
    """After closing, what was queued is still worked on."""
    queue: WorkQueue[str] = WorkQueue()
    queue.add("a")
    queue.close()
    queue.add("b")

    assert (queue.get(), queue.get()) == ("a", None)


def test_a_queue_is_drained_when_nothing_waits_and_nobody_works() -> None:
    """Draining covers the key that a worker still has."""
    queue: WorkQueue[str] = WorkQueue()
    queue.add("a")
    assert not queue.drain(0)
    queue.get(0)
    assert not queue.drain(0)

    queue.done("a")

    assert queue.drain(0)
