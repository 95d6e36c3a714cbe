"""Which node has which image: the same question to many nodes at once.

Rules
- A node that is away answers with its ApiError, and keeps no other answer back for
  longer than its own engine's timeout.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from supervisor.client.base import Client
from supervisor.client.node import NodeConnection, NodeDirectory, NodeImage
from supervisor.model.errors import ApiError, not_found

_MOST_AT_ONCE = 32

T = TypeVar("T")


def node_names(client: Client) -> list[str]:
    return sorted(node["metadata"]["name"] for node in client.list("nodes").items)


def existing(known: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """`wanted`, each once. Raises ApiError 404 for a node that there is not."""
    for name in wanted:
        if name not in known:
            raise not_found("nodes", name)
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
    with ThreadPoolExecutor(min(len(names), _MOST_AT_ONCE), "ask-node") as pool:
        return dict(zip(names, pool.map(one, names), strict=True))


def newest(
    image: str, answers: Mapping[str, NodeImage | ApiError | None]
) -> tuple[str, NodeImage]:
    """The node with the image; of different ones, with the one that was made last.

    Raises ApiError 404, which says what every node has answered.
    """
    found = {n: a for n, a in answers.items() if isinstance(a, NodeImage)}
    if found:
        # Equal ones: the first node in the order of the names.
        name = min(found, key=lambda n: (-found[n].created_at, n))
        return name, found[name]
    away = [f"{n} ({a})" for n, a in answers.items() if isinstance(a, ApiError)]
    asked = [n for n in answers if not isinstance(answers[n], ApiError)]
    message = f'image "{image}" not found on {", ".join(asked) or "any node"}'
    if away:
        message += f"; no answer from {', '.join(away)}"
    details = {"name": image, "group": "supervisor.io", "kind": "images"}
    raise ApiError(404, "NotFound", message, details=details)
