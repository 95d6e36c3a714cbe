"""Evicts the pods of a node, and waits until they are gone.

Rules
- All pods are asked to go at once; then they are waited for together.
- An eviction that is refused for now (429) is tried again every 5 s.
- A pod is gone when there is none of its name, or one with another uid.

Follows kubectl/pkg/drain/drain.go (evictPods, waitForDelete).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import click

from supervisor.cli.drain_judgement import shown
from supervisor.cli.failure import Failure
from supervisor.cli.objects import read_all
from supervisor.cli.session import Session, say
from supervisor.client.base import DeleteOptions, WatchEvent
from supervisor.kinds.identity import POD
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.model.times import to_seconds

_RETRY_SECONDS = 5.0
_ROUND_SECONDS = 60.0


class Teller(Protocol):
    """Shows how a drain goes on."""

    def evicting(self, pod: Object, suffix: str) -> None: ...

    def refused(self, pod: Object, error: ApiError) -> None: ...

    def evicted(self, pod: Object) -> None: ...

    def close(self) -> None:
        """Nothing more is shown: lines may be printed again."""


class Lines:
    """kubectl's own lines. Satisfies Teller."""

    def __init__(self, done: str = "evicted") -> None:
        self._done = done

    def evicting(self, pod: Object, suffix: str) -> None:
        click.echo(f"evicting pod {shown(pod)}{suffix}")

    def refused(self, pod: Object, error: ApiError) -> None:
        say(
            f"{_trouble(pod)} (will retry after {_RETRY_SECONDS:.0f}s): {error.message}"
        )

    def evicted(self, pod: Object) -> None:
        click.echo(f"pod/{pod['metadata']['name']} {self._done}")

    def close(self) -> None:
        return


@dataclass(frozen=True)
class Manner:
    """How pods are made to go."""

    grace_seconds: int | None = None
    timeout: float = 0
    """In seconds; 0 is without end."""
    dry_run: str = "none"
    delete: bool = False
    """Instead of the Eviction API."""
    skip_older: float = 0
    """Pods that have been terminating for longer (in seconds) are not waited for."""


class Evictor:
    def __init__(self, session: Session, manner: Manner, teller: Teller) -> None:
        self._session = session
        self._client = session.client
        self._manner = manner
        self._teller = teller
        now = time.monotonic()
        self._deadline = now + manner.timeout if manner.timeout else None

    def run(self, node: str, pods: Sequence[Object]) -> None:
        """Raises Failure when the time is over, ApiError for what cannot be."""
        if self._manner.dry_run == "client":
            for pod in pods:
                self._teller.evicting(pod, " (dry run)")
            return
        unasked = list(pods)
        waiting: dict[str, Object] = {}
        while unasked or waiting:
            unasked, asked = self._ask(unasked)
            if self._manner.dry_run == "server":
                asked = []
            waiting |= {shown(pod): pod for pod in asked}
            if waiting or unasked:
                waiting = self._wait(node, waiting, bool(unasked))

    def _ask(self, pods: Sequence[Object]) -> tuple[list[Object], list[Object]]:
        """Those that cannot go now, and those that are going."""
        later: list[Object] = []
        going: list[Object] = []
        suffix = " (server dry run)" if self._manner.dry_run == "server" else ""
        for pod in pods:
            self._teller.evicting(pod, suffix)
            try:
                self._request(pod)
            except ApiError as error:
                if error.code == 429:
                    self._teller.refused(pod, error)
                    later.append(pod)
                    continue
                if error.code != 404:
                    raise ApiError(
                        error.code, error.reason, f"{_trouble(pod)}: {error.message}"
                    ) from error
            going.append(pod)
        return later, going

    def _request(self, pod: Object) -> None:
        meta = pod["metadata"]
        options = DeleteOptions(
            grace_period_seconds=self._manner.grace_seconds,
            dry_run=self._manner.dry_run == "server",
        )
        if self._manner.delete:
            self._client.delete(POD.resource, meta["name"], meta["namespace"], options)
        else:
            self._client.evict(meta["name"], meta["namespace"], options)

    def _wait(
        self, node: str, waiting: dict[str, Object], retrying: bool
    ) -> dict[str, Object]:
        """Until one is gone, or it is time to ask again; those that are still there."""
        until = time.monotonic() + (_RETRY_SECONDS if retrying else _ROUND_SECONDS)
        while True:
            listed = self._client.list(POD.resource, fields=f"spec.nodeName={node}")
            there = {shown(pod): pod for pod in listed.items}
            gone = [n for n, pod in waiting.items() if self._is_gone(pod, there.get(n))]
            for name in gone:
                self._teller.evicted(waiting[name])
            left = {n: pod for n, pod in waiting.items() if n not in gone}
            now = time.monotonic()
            if (not left and not retrying) or (retrying and now >= until):
                return left
            if self._deadline is not None and now >= self._deadline:
                raise Failure(_out_of_time(left, self._manner.timeout))
            if gone and not retrying:
                return left
            most = min(until, self._deadline or until) - now
            self._watch(node, listed.resource_version, max(most, 0.05))

    def _is_gone(self, pod: Object, there: Object | None) -> bool:
        if there is None or there["metadata"]["uid"] != pod["metadata"]["uid"]:
            return True
        deleted = there["metadata"].get("deletionTimestamp")
        limit = self._manner.skip_older
        return bool(limit and deleted) and _age(deleted) > limit

    def _watch(self, node: str, since: str, timeout: float) -> None:
        """Until a pod of the node is deleted, or the time is over."""
        watch = self._client.watch(
            POD.resource, since=since, fields=f"spec.nodeName={node}", timeout=timeout
        )
        ends_at = time.monotonic() + timeout
        try:
            for event in watch:
                if _ends(event) or time.monotonic() >= ends_at:
                    return
        finally:
            watch.close()


def pods_of(session: Session, node: str, labels: str) -> list[Object]:
    fields = f"spec.nodeName={node}"
    return read_all(session, session.catalog.find(POD.resource), "", labels, fields)


def _ends(event: WatchEvent) -> bool:
    return event.type in ("DELETED", "ERROR")


def _age(deleted: str) -> float:
    from supervisor.cli.now import now

    return now() - to_seconds(deleted)


def _trouble(pod: Object) -> str:
    meta = pod["metadata"]
    return f'error when evicting pods/"{meta["name"]}" -n "{meta["namespace"]}"'


def _out_of_time(left: dict[str, Object], timeout: float) -> str:
    names = ", ".join(left)
    still = f"; still there: {names}" if names else ""
    return f"drain did not complete within {timeout:g}s{still}"
