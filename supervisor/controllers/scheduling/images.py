"""Images: nodes that have them, where they cannot or need not be pulled.

Rules
- A policy of Never is met only by nodes that have the image. A single node takes the
  pod all the same: there is nothing to choose, and its agent sees a new image sooner.
- A node whose agent says that a registry does not answer is passed over for that
  registry's images that it lacks, while another node has them. Where none has one, the
  registry is the only hope, and the pod's status will tell what came of it.
- A node whose list of images may be cut short is believed to have what it does not
  list; so is every node as to images that are named by their id.

Differs from Kubernetes, which never asks where an image is before it places a pod.

Follows pkg/scheduler/framework/plugins/imagelocality for the score.
"""

from collections.abc import Iterable, Sequence

from supervisor.controllers.scheduling.base import BEST, FITS, Check, Reasons
from supervisor.controllers.scheduling.cluster import Cluster
from supervisor.controllers.scheduling.node_info import NodeInfo
from supervisor.controllers.scheduling.pod_info import PodInfo
from supervisor.model.images import is_id, normalized_name, registry
from supervisor.model.pod import Container

_MB = 1024 * 1024
_MIN_BYTES, _MAX_BYTES_EACH = 23 * _MB, 1000 * _MB


# -- filter


def images(info: PodInfo, cluster: Cluster) -> Check | None:
    """The node has the images that it could not pull."""
    if len(cluster.nodes) == 1:
        return None
    never = _names(c for c in info.containers if c.image_pull_policy == "Never")
    pulled = _names(c for c in info.containers if c.image_pull_policy != "Never")
    sought = _found_elsewhere(pulled, cluster)
    if not never and not sought:
        return None

    def check(node: NodeInfo) -> Reasons:
        for image in never:
            if _lacks(node, image):
                return (f'node(s) didn\'t have image "{image}", never to be pulled',)
        for image in sought:
            host = registry(image)
            if host in node.silent_registries and _lacks(node, image):
                return (f'node(s) could not pull image "{image}" from silent {host}',)
        return FITS

    return check


def _found_elsewhere(names: Sequence[str], cluster: Cluster) -> Sequence[str]:
    """Those of `names` that one node cannot pull and another has."""
    silent = {host for node in cluster.nodes for host in node.silent_registries}
    if not silent:
        return ()
    return [
        image
        for image in names
        if registry(image) in silent
        and any(normalized_name(image) in node.images for node in cluster.nodes)
    ]


def _lacks(node: NodeInfo, image: str) -> bool:
    return normalized_name(image) not in node.images and not node.may_have_more_images


def _names(containers: Iterable[Container]) -> Sequence[str]:
    """Names that lists of images can answer for, each once."""
    names = (c.image for c in containers)
    return list(dict.fromkeys(name for name in names if name and not is_id(name)))


# -- score


def prefer_images(
    info: PodInfo, cluster: Cluster, nodes: Sequence[NodeInfo]
) -> Sequence[float] | None:
    """Best where the largest part of the pod's images is, in bytes."""
    names = [normalized_name(c.image) for c in info.containers if c.image]
    shares = {image: _share(image, cluster) for image in names}
    if not any(shares.values()):
        return None
    least, most = _MIN_BYTES, _MAX_BYTES_EACH * len(names)
    return [
        BEST * (min(max(size, least), most) - least) / (most - least)
        for node in nodes
        for size in (sum(node.images.get(i, 0) * shares[i] for i in names),)
    ]


def _share(image: str, cluster: Cluster) -> float:
    """The part of the nodes that have the image: a rare one draws no crowd."""
    having = sum(image in node.images for node in cluster.nodes)
    return having / len(cluster.nodes)
