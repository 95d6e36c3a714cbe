"""Which node has an image, by what the nodes have answered. Pure."""

from collections.abc import Mapping

from supervisor.client.node import NodeImage
from supervisor.model.errors import ApiError


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
