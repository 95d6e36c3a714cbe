"""Choosing the source of an image from the responses of nodes. Pure."""

from collections.abc import Mapping

from supervisor.client.node import NodeImage
from supervisor.model.errors import ApiError


def newest(
    image: str, answers: Mapping[str, NodeImage | ApiError | None]
) -> tuple[str, NodeImage]:
    """The node with the most recently created image, and the image.

    Raises ApiError 404, whose message lists the response of each node.
    """
    found = {n: a for n, a in answers.items() if isinstance(a, NodeImage)}
    if found:
        # Of equal images, take the first node by name.
        name = min(found, key=lambda n: (-found[n].created_at, n))
        return name, found[name]
    unreachable = [f"{n} ({a})" for n, a in answers.items() if isinstance(a, ApiError)]
    responding = [n for n in answers if not isinstance(answers[n], ApiError)]
    message = f'image "{image}" not found on {", ".join(responding) or "any node"}'
    if unreachable:
        message += f"; no answer from {', '.join(unreachable)}"
    details = {"name": image, "group": "supervisor.io", "kind": "images"}
    raise ApiError(404, "NotFound", message, details=details)
