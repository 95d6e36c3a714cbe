"""Calls to many nodes in parallel.

Rules
- An unreachable node yields its ApiError and delays the result by no more than the
  timeout of its engine.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from supervisor.client.base import Client
from supervisor.client.node import NodeConnection, NodeDirectory
from supervisor.kinds.identity import NODE
from supervisor.model.errors import ApiError, not_found
from supervisor.model.meta import Object

_MAX_PARALLEL = 32

T = TypeVar("T")


def node_names(client: Client) -> list[str]:
    """Names of all nodes, sorted. Raises ApiError."""
    return sorted(node["metadata"]["name"] for node in client.list(NODE.resource).items)


def check_names(known: Sequence[str], names: Sequence[str]) -> list[str]:
    """`names` without duplicates. Raises ApiError 404 for a name not in `known`."""
    for name in names:
        if name not in known:
            raise not_found(NODE.resource, name)
    return list(dict.fromkeys(names))


def query(
    nodes: NodeDirectory,
    names: Sequence[str],
    call: Callable[[str, NodeConnection], T],
) -> dict[str, T | ApiError]:
    """The result of `call`, which gets name and connection of a node, or the ApiError
    of each node, in the order of `names`."""

    def one(name: str) -> T | ApiError:
        try:
            return call(name, nodes.connect(name))
        except ApiError as error:
            return error

    if not names:
        return {}
    with ThreadPoolExecutor(min(len(names), _MAX_PARALLEL), "ask-node") as pool:
        return dict(zip(names, pool.map(one, names), strict=True))


def gather(
    nodes: NodeDirectory,
    names: Sequence[str],
    call: Callable[[NodeConnection], Sequence[T]],
) -> tuple[list[tuple[str, T]], list[Object]]:
    """Concatenate the results of all nodes.

    Returns (node, result) pairs, and for each node that failed an object with its
    name and error, as the API returns it under `silent`.
    """
    results: list[tuple[str, T]] = []
    silent: list[Object] = []
    for node, answer in query(nodes, names, lambda _, node: call(node)).items():
        if isinstance(answer, ApiError):
            silent.append({"node": node, "message": answer.message})
        else:
            results += [(node, each) for each in answer]
    return results, silent
