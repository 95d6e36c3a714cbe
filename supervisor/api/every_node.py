"""The same question to many nodes at once.

Rules
- A node that is away answers with its ApiError, and keeps no other answer back for
  longer than its own engine's timeout.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from supervisor.client.base import Client
from supervisor.client.node import NodeConnection, NodeDirectory
from supervisor.kinds.identity import NODE
from supervisor.model.errors import ApiError, not_found
from supervisor.model.meta import Object

_MAX_AT_ONCE = 32

T = TypeVar("T")


def node_names(client: Client) -> list[str]:
    return sorted(node["metadata"]["name"] for node in client.list(NODE.resource).items)


def existing(known: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """`wanted`, each once. Raises ApiError 404 for a node that there is not."""
    for name in wanted:
        if name not in known:
            raise not_found(NODE.resource, name)
    return list(dict.fromkeys(wanted))


def ask(
    nodes: NodeDirectory, names: Sequence[str], question: Callable[[NodeConnection], T]
) -> dict[str, T | ApiError]:
    """What each node answers, in the order of `names`."""

    def one(name: str) -> T | ApiError:
        try:
            return question(nodes.connect(name))
        except ApiError as error:
            return error

    if not names:
        return {}
    with ThreadPoolExecutor(min(len(names), _MAX_AT_ONCE), "ask-node") as pool:
        return dict(zip(names, pool.map(one, names), strict=True))


def gather(
    nodes: NodeDirectory,
    names: Sequence[str],
    question: Callable[[NodeConnection], Sequence[T]],
) -> tuple[list[tuple[str, T]], list[Object]]:
    """All that the nodes tell, each with its node; and the nodes that do not answer,
    with the reason, as the API lists them.
    """
    told: list[tuple[str, T]] = []
    silent: list[Object] = []
    for node, answer in ask(nodes, names, question).items():
        if isinstance(answer, ApiError):
            silent.append({"node": node, "message": answer.message})
        else:
            told += [(node, each) for each in answer]
    return told, silent
