"""Names of images, and the list of them that a node shows.

Rules
- Names that mean the same image to an engine have one normal name: without the engine's
  usual registry, with the tag said.
- A node shows its largest images first, until a limit of images or of bytes is reached.
  A list that has reached a limit may lack images; below it, what is not listed is not
  there.

Follows distribution/reference (normalize.go) and pkg/kubelet/nodestatus/setters.go.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from supervisor.model.kinds import ContainerImage

MAX_IMAGES = 500
MAX_NAME_BYTES = 128 * 1024

UNREACHABLE_REGISTRIES = "supervisor.io/silent-registries"
"""On nodes: registries, by commas, that have lately not answered the node's engine."""

USUAL_REGISTRY = "docker.io"
_ALIASES = ("docker.io", "index.docker.io", "registry-1.docker.io")
_ID = re.compile("(sha256:[0-9a-f]{64}|[0-9a-f]{12,64})")


@lru_cache(maxsize=8192)
def normalized_name(image: str) -> str:
    """The name of `image` that all its names have in common."""
    name, at, digest = image.partition("@")
    if registry(name) == USUAL_REGISTRY:
        host, slash, rest = name.partition("/")
        name = rest if slash and host in _ALIASES else name
        name = name.removeprefix("library/")
    last = name.rpartition("/")[2]
    repository, colon, _tag = last.partition(":")
    if at:
        # The digest decides; a tag beside it is not looked at.
        return f"{name[: len(name) - len(last)]}{repository}@{digest}"
    return name if colon else f"{name}:latest"


def registry(image: str) -> str:
    """The host that `image` is pulled from."""
    host, slash, _ = image.partition("/")
    named = slash and ("." in host or ":" in host or host == "localhost")
    return USUAL_REGISTRY if not named or host in _ALIASES else host


def is_id(image: str) -> bool:
    """Whether `image` looks like an id, which lists of names cannot answer for."""
    return _ID.fullmatch(image) is not None


def listed(images: Iterable[ContainerImage]) -> tuple[ContainerImage, ...]:
    """What a node shows of its `images`."""
    left, found = MAX_NAME_BYTES, []
    rows = sorted(images, key=lambda i: (-i.size_bytes, i.names))
    for image in [row for row in rows if row.names][:MAX_IMAGES]:
        names = []
        for name in image.names:
            if left > 0:
                names.append(name)
                left -= len(name)
        if names:
            found.append(ContainerImage(tuple(names), image.size_bytes))
    return tuple(found)


def may_be_truncated(shown: Sequence[ContainerImage]) -> bool:
    """Whether a list that a node shows has reached a limit."""
    size = sum(len(name) for image in shown for name in image.names)
    return len(shown) >= MAX_IMAGES or size >= MAX_NAME_BYTES
