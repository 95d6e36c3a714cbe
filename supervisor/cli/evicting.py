"""Evicts the pods of a node and waits until they are gone.

Rules
- All pods are evicted first; then the command waits for all of them.
- An eviction that is refused with 429 is retried every 5 s.
- A pod is gone when no pod has its name, or the pod with its name has another uid.

Follows kubectl/pkg/drain/drain.go (evictPods, waitForDelete).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import click

from supervisor.cli.drain_filters import pod_key
from supervisor.cli.failure import Failure
from supervisor.cli.objects import read_all
from supervisor.cli.session import Session, print_stderr
from supervisor.client.base import DeleteOptions, WatchEvent
from supervisor.kinds.identity import POD
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object
from supervisor.model.times import to_seconds

_RETRY_SECONDS = 5.0
_WATCH_SECONDS = 60.0


class DrainReporter(Protocol):
    """Shows the progress of a drain."""

    def evicting(self, pod: Object, suffix: str) -> None: ...

    def refused(self, pod: Object, error: ApiError) -> None: ...

    def evicted(self, pod: Object) -> None: ...

    def close(self) -> None:
        """End the display, so that other lines can be printed."""


class LineReporter:
    """Prints the same lines as kubectl. Satisfies DrainReporter."""

    def __init__(self, done: str = "evicted") -> None:
        self._done = done

    def evicting(self, pod: Object, suffix: str) -> None:
        click.echo(f"evicting pod {pod_key(pod)}{suffix}")

    def refused(self, pod: Object, error: ApiError) -> None:
        print_stderr(
            f"{_error_prefix(pod)} (will retry after {_RETRY_SECONDS:.0f}s): "
            f"{error.message}"
        )

    def evicted(self, pod: Object) -> None:
        click.echo(f"pod/{pod['metadata']['name']} {self._done}")

    def close(self) -> None:
        return


@dataclass(frozen=True)
class EvictionOptions:
    """How pods are evicted."""

    grace_seconds: int | None = None
    timeout: float = 0
    """In seconds; 0 means no limit."""
    dry_run: str = "none"
    delete: bool = False
    """Delete pods instead of using the Eviction API."""
    skip_older: float = 0
    """Do not wait for pods that have been terminating longer than this, in seconds."""


class Evictor:
    def __init__(
        self, session: Session, options: EvictionOptions, reporter: DrainReporter
    ) -> None:
        self._session = session
        self._client = session.client
        self._options = options
        self._reporter = reporter
        now = time.monotonic()
        self._deadline = now + options.timeout if options.timeout else None

    def run(self, node: str, pods: Sequence[Object]) -> None:
        """Evict `pods`. Raises Failure on timeout, and ApiError."""
        if self._options.dry_run == "client":
            for pod in pods:
                self._reporter.evicting(pod, " (dry run)")
            return
        pending = list(pods)
        waiting: dict[str, Object] = {}
        while pending or waiting:
            pending, evicted = self._evict(pending)
            if self._options.dry_run == "server":
                evicted = []
            waiting |= {pod_key(pod): pod for pod in evicted}
            if waiting or pending:
                waiting = self._wait(node, waiting, bool(pending))

    def _evict(self, pods: Sequence[Object]) -> tuple[list[Object], list[Object]]:
        """The pods to retry later, and the pods that are terminating."""
        later: list[Object] = []
        terminating: list[Object] = []
        suffix = " (server dry run)" if self._options.dry_run == "server" else ""
        for pod in pods:
            self._reporter.evicting(pod, suffix)
            try:
                self._request(pod)
            except ApiError as error:
                if error.code == 429:
                    self._reporter.refused(pod, error)
                    later.append(pod)
                    continue
                if error.code != 404:
                    raise ApiError(
                        error.code,
                        error.reason,
                        f"{_error_prefix(pod)}: {error.message}",
                    ) from error
            terminating.append(pod)
        return later, terminating

    def _request(self, pod: Object) -> None:
        meta = pod["metadata"]
        options = DeleteOptions(
            grace_period_seconds=self._options.grace_seconds,
            dry_run=self._options.dry_run == "server",
        )
        if self._options.delete:
            self._client.delete(POD.resource, meta["name"], meta["namespace"], options)
        else:
            self._client.evict(meta["name"], meta["namespace"], options)

    def _wait(
        self, node: str, waiting: dict[str, Object], retrying: bool
    ) -> dict[str, Object]:
        """Wait until a pod is gone or a retry is due; return the remaining pods."""
        until = time.monotonic() + (_RETRY_SECONDS if retrying else _WATCH_SECONDS)
        while True:
            listed = self._client.list(POD.resource, fields=f"spec.nodeName={node}")
            present = {pod_key(pod): pod for pod in listed.items}
            gone = [
                n for n, pod in waiting.items() if self._is_gone(pod, present.get(n))
            ]
            for name in gone:
                self._reporter.evicted(waiting[name])
            waiting = {n: pod for n, pod in waiting.items() if n not in gone}
            now = time.monotonic()
            if (not waiting and not retrying) or (retrying and now >= until):
                return waiting
            if self._deadline is not None and now >= self._deadline:
                raise Failure(_timeout_message(waiting, self._options.timeout))
            if gone and not retrying:
                return waiting
            timeout = min(until, self._deadline or until) - now
            self._watch(node, listed.resource_version, max(timeout, 0.05))

    def _is_gone(self, pod: Object, present: Object | None) -> bool:
        if present is None or present["metadata"]["uid"] != pod["metadata"]["uid"]:
            return True
        deleted = present["metadata"].get("deletionTimestamp")
        limit = self._options.skip_older
        return bool(limit and deleted) and _age(deleted) > limit

    def _watch(self, node: str, since: str, timeout: float) -> None:
        """Return when a pod of the node is deleted, or after `timeout` seconds."""
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


def pods_on_node(session: Session, node: str, labels: str) -> list[Object]:
    """Pods bound to `node` that match the label selector `labels`. Raises ApiError."""
    fields = f"spec.nodeName={node}"
    return read_all(session, session.catalog.find(POD.resource), "", labels, fields)


def _ends(event: WatchEvent) -> bool:
    return event.type in ("DELETED", "ERROR")


def _age(deleted: str) -> float:
    from supervisor.cli.now import now

    return now() - to_seconds(deleted)


def _error_prefix(pod: Object) -> str:
    meta = pod["metadata"]
    return f'error when evicting pods/"{meta["name"]}" -n "{meta["namespace"]}"'


def _timeout_message(remaining: dict[str, Object], timeout: float) -> str:
    names = ", ".join(remaining)
    suffix = f"; pods that remain: {names}" if names else ""
    return f"drain did not complete within {timeout:g}s{suffix}"
