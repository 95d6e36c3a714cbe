"""Which image a container needs, and whether the registry has to be asked for it. Pure.

Rules
- Never uses what is here, IfNotPresent asks for what is not, Always asks at each start.
- Differs from Kubernetes: an Always that only follows from the tag (`latest`, or none)
  is *implied*. The registry is then asked when a container of the pod starts for the
  first time; its restarts use the image that is here, and so does a start for which the
  registry has no answer within 3 s (pulls.py). An Always that the user has written
  down is marked by the API (model/defaults/pulls.py) and stays strict, as Kubernetes'
  is.

Follows pkg/kubelet/images/image_manager.go.
"""

from enum import Enum

from supervisor.model.defaults import STRICT_PULL
from supervisor.model.pod import Container, Pod

_SILENCE = (
    "dial tcp",
    "no such host",
    "i/o timeout",
    "connection refused",
    "connection reset",
    "network is unreachable",
    "no route to host",
    "TLS handshake timeout",
    "Client.Timeout",
    "deadline exceeded",
    "request canceled",
    '": EOF',
)


class Policy(Enum):
    NEVER = "Never"
    IF_NOT_PRESENT = "IfNotPresent"
    IMPLIED = "Always, implied by the tag"
    ALWAYS = "Always"


def policy(pod: Pod, container: Container) -> Policy:
    floating = has_floating_tag(container.image)
    match container.image_pull_policy:
        case "Never":
            return Policy.NEVER
        case "IfNotPresent":
            return Policy.IF_NOT_PRESENT
        case "Always" if not floating or _is_strict(pod, container):
            return Policy.ALWAYS
        case "Always":
            return Policy.IMPLIED
        case _:
            return Policy.IMPLIED if floating else Policy.IF_NOT_PRESENT


def _is_strict(pod: Pod, container: Container) -> bool:
    text = (pod.metadata.annotations or {}).get(STRICT_PULL, "")
    names = [name.strip() for name in text.split(",")]
    return text == "true" or container.name in names


def has_floating_tag(image: str) -> bool:
    """Its tag is `latest`, or it has neither tag nor digest."""
    if "@" in image:
        return False
    _, colon, tag = image.rpartition("/")[2].partition(":")
    return not colon or tag == "latest"


def is_silence(error: str) -> bool:
    """The registry did not answer at all, so the next question need not be tried."""
    return any(text in error for text in _SILENCE)
