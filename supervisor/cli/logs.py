"""`supervisor logs`: print the logs of containers.

Follows kubectl/pkg/cmd/logs/logs.go.
"""

import math
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import click

from supervisor.cli import pods
from supervisor.cli.completing import complete_pods
from supervisor.cli.durations import parse_duration
from supervisor.cli.failure import Failure
from supervisor.cli.options import Verb, with_connection, with_selector
from supervisor.cli.session import Session
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object

Query = list[tuple[str, str]]

_DEFAULT_TAIL_WITH_SELECTOR = 10


@dataclass(frozen=True)
class Source:
    """One container of one pod."""

    pod: str
    namespace: str
    container: str

    @property
    def prefix(self) -> bytes:
        return f"[pod/{self.pod}/{self.container}] ".encode()


@click.command("logs", cls=Verb)
@click.argument(
    "word", metavar="[POD | TYPE/NAME]", required=False, shell_complete=complete_pods
)
@click.argument("container_word", metavar="[CONTAINER]", required=False)
@with_selector
@click.option("-f", "--follow", is_flag=True, help="Stream new log lines.")
@click.option(
    "-p",
    "--previous",
    is_flag=True,
    help="Print the logs of the previous instance of the container.",
)
@click.option("-c", "--container", default="", help="Container name.")
@click.option(
    "--all-containers", is_flag=True, help="Print the logs of all containers."
)
@click.option(
    "--all-pods", is_flag=True, help="Print the logs of all pods of the controller."
)
@click.option(
    "--tail",
    type=int,
    default=-1,
    metavar="LINES",
    help="Number of recent lines to print; -1 prints all (10 with a selector).",
)
@click.option(
    "--since",
    default="0s",
    metavar="DURATION",
    help="Only logs newer than a duration such as 5s, 2m or 3h.",
)
@click.option(
    "--since-time",
    default="",
    metavar="TIME",
    help="Only logs after a time in RFC 3339 format.",
)
@click.option("--timestamps", is_flag=True, help="Prefix each line with its timestamp.")
@click.option(
    "--limit-bytes", type=int, default=0, help="Maximum number of bytes to print."
)
@click.option("--prefix", is_flag=True, help="Prefix each line with pod and container.")
@click.option(
    "--max-log-requests",
    type=int,
    default=5,
    metavar="COUNT",
    help="Maximum number of containers to follow concurrently.",
)
@click.option(
    "--ignore-errors",
    is_flag=True,
    help="Continue with the other containers after an error.",
)
@with_connection
@click.pass_obj
def command(
    session: Session,
    /,
    word: str | None,
    container_word: str | None,
    labels: str,
    container: str,
    all_containers: bool,
    all_pods: bool,
    prefix: bool,
    max_log_requests: int,
    ignore_errors: bool,
    follow: bool,
    **options: object,
) -> None:
    """Print the logs of a container.

    \b
    supervisor logs kubia-liveness
    supervisor logs kubia-liveness --previous      of the terminated container
    supervisor logs -f --tail=20 rc/kubia
    supervisor logs -l app=kubia --prefix
    """
    container = _container(container, container_word or "", all_containers)
    chosen = _pods(session, word, labels, all_pods)
    sources = [
        source for pod in chosen for source in _sources(pod, container, all_containers)
    ]
    query = _query(follow, many=bool(labels), **options)  # type: ignore[arg-type]
    if follow and len(sources) > 1:
        _follow_all(session, sources, query, prefix, max_log_requests)
        return
    for source in sources:
        try:
            _copy(session, source, query, prefix)
        except ApiError as error:
            if not ignore_errors:
                raise
            session.fail(error)


def _container(option: str, word: str, all_containers: bool) -> str:
    if option and word:
        raise Failure("only one of -c or an inline [CONTAINER] arg is allowed")
    name = option or word
    if all_containers and name:
        raise Failure(
            f"--all-containers=true should not be specified with container name {name}"
        )
    return name


def _pods(
    session: Session, word: str | None, labels: str, all_pods: bool
) -> list[Object]:
    if labels and word:
        raise Failure("only a selector (-l) or a POD name is allowed")
    if labels:
        found = pods.select(session, labels)
        if not found:
            raise Failure(f"No resources found in {session.namespace} namespace.")
        return found
    if not word:
        raise Failure(
            "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or "
            "TYPE/NAME is a required argument for the logs command"
        )
    if not all_pods or "/" not in word:
        return [pods.find(session, word, report_choice=True)]
    from supervisor.cli import targets

    target = targets.parse(session.catalog, [word], "logs")[0]
    obj = session.client.get(target.resource.full_name, target.name, session.namespace)
    return pods.of_controller(session, obj)


def _sources(pod: Object, container: str, all_containers: bool) -> list[Source]:
    meta = pod["metadata"]
    if all_containers:
        names = pods.all_containers(pod)
        return [Source(meta["name"], meta["namespace"], name) for name in names]
    name = container or pods.container_of(pod)
    return [Source(meta["name"], meta["namespace"], name)]


def _query(
    follow: bool,
    many: bool,
    previous: bool,
    tail: int,
    since: str,
    since_time: str,
    timestamps: bool,
    limit_bytes: int,
) -> Query:
    if tail < -1:
        raise Failure("--tail must be greater than or equal to -1")
    if limit_bytes < 0:
        raise Failure("--limit-bytes must be greater than 0")
    seconds = parse_duration(since, "--since")
    if seconds and since_time:
        raise Failure("at most one of `sinceTime` or `sinceSeconds` may be specified")
    if many and tail == -1:
        tail = _DEFAULT_TAIL_WITH_SELECTOR
    given = {
        "follow": "true" if follow else "",
        "previous": "true" if previous else "",
        "timestamps": "true" if timestamps else "",
        "tailLines": str(tail) if tail >= 0 else "",
        "sinceSeconds": str(math.ceil(seconds)) if seconds else "",
        "sinceTime": since_time,
        "limitBytes": str(limit_bytes) if limit_bytes else "",
    }
    return [(key, value) for key, value in given.items() if value]


def _copy(
    session: Session,
    source: Source,
    query: Query,
    prefix: bool,
    lock: "threading.Lock | None" = None,
) -> None:
    """Print the log of one container; only whole lines if `lock` is given."""
    parameters = [("container", source.container), *query]
    stream = session.client.logs(source.pod, source.namespace, parameters)
    out = sys.stdout.buffer
    if not prefix and lock is None:
        for piece in stream:
            out.write(piece)
            out.flush()
        return
    head = source.prefix if prefix else b""
    pending = b""
    for piece in stream:
        *lines, pending = (pending + piece).split(b"\n")
        _write(b"".join(head + line + b"\n" for line in lines), lock)
    if pending:
        _write(head + pending + b"\n", lock)


def _write(text: bytes, lock: "threading.Lock | None") -> None:
    with lock or threading.Lock():
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()


def _follow_all(
    session: Session, sources: Sequence[Source], query: Query, prefix: bool, limit: int
) -> None:
    if len(sources) > limit:
        raise Failure(
            f"you are attempting to follow {len(sources)} log streams, but maximum "
            f"allowed concurrency is {limit}, use --max-log-requests to increase the "
            "limit"
        )
    lock = threading.Lock()

    def follow(source: Source) -> None:
        try:
            _copy(session, source, query, prefix, lock)
        except ApiError as error:
            session.fail(error)
        except BrokenPipeError:
            return

    threads = [threading.Thread(target=follow, args=(s,), daemon=True) for s in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
