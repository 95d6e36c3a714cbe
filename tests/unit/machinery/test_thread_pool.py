"""Threads that come with the work and go without it."""

import threading

from supervisor.machinery.thread_pool import ThreadPool

SOON = 10.0


def alive(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == name]


def test_work_that_blocks_gets_threads_up_to_a_limit() -> None:
    """The rest waits, and nothing is lost."""
    threads, gate = ThreadPool("burst", 3), threading.Event()
    begun, done = threading.Semaphore(0), threading.Semaphore(0)

    def work() -> None:
        begun.release()
        gate.wait(SOON)
        done.release()

    for _ in range(5):
        threads.submit(work)
    for _ in range(3):
        assert begun.acquire(timeout=SOON)
    assert len(alive("burst")) == 3
    gate.set()
    for _ in range(5):
        assert done.acquire(timeout=SOON)
    threads.close()


def test_idle_threads_end() -> None:
    """After a burst nothing is left, and new work is done all the same."""
    threads = ThreadPool("idle", 8, idle_seconds=0.01)
    for _ in range(2):
        done = threading.Semaphore(0)
        for _ in range(8):
            threads.submit(done.release)
        for _ in range(8):
            assert done.acquire(timeout=SOON)
        for thread in alive("idle"):
            thread.join(SOON)
        assert alive("idle") == []


def test_a_mistake_costs_no_thread() -> None:
    """What comes after it is done."""
    threads, done = ThreadPool("mistaken", 1), threading.Event()

    def mistaken() -> None:
        raise ValueError("a mistake")

    threads.submit(mistaken)
    threads.submit(done.set)
    assert done.wait(SOON)
    threads.close()


def test_nothing_begins_after_the_close() -> None:
    """What waits is forgotten; the threads end."""
    threads, gate, begun = ThreadPool("closed", 1), threading.Event(), threading.Event()
    late = threading.Event()

    def work() -> None:
        begun.set()
        gate.wait(SOON)

    threads.submit(work)
    assert begun.wait(SOON)
    threads.submit(late.set)
    threads.close()
    threads.submit(late.set)
    gate.set()
    for thread in alive("closed"):
        assert thread.daemon
        thread.join(SOON)
    assert not late.is_set()
