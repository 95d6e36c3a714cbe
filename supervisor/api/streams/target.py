"""Finding the container and the node for a request for logs or a command.

Error messages follow pkg/registry/core/pod/strategy.go.
"""

from dataclasses import dataclass

from supervisor.client.base import Client
from supervisor.client.node import NodeConnection, NodeDirectory
from supervisor.kinds.identity import POD
from supervisor.model.errors import ApiError, bad_request
from supervisor.model.meta import decode
from supervisor.model.pod import Container, Pod

DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


@dataclass(frozen=True)
class Target:
    pod: Pod
    node: NodeConnection

    @property
    def uid(self) -> str:
        return self.pod.metadata.uid


def find(client: Client, nodes: NodeDirectory, namespace: str, name: str) -> Target:
    """The pod and the connection to its node. Blocks. Raises ApiError."""
    pod = decode(Pod, client.get(POD.resource, name, namespace))
    if not pod.spec.node_name:
        # Differs from Kubernetes: logs of an unbound pod are an error, not empty.
        raise bad_request(f"pod {name} does not have a host assigned")
    return Target(pod, nodes.connect(pod.spec.node_name))


def container_of(pod: Pod, requested: str) -> Container:
    """The container named `requested`, or the default container if it is empty.

    Raises ApiError 400.
    """
    everything = pod.spec.containers + pod.spec.init_containers
    name = requested or _default_name(pod)
    for container in everything:
        if container.name == name:
            return container
    if requested or not name:
        raise bad_request(f"container {requested} is not valid for pod {_name(pod)}")
    raise bad_request(
        f"container {name}, named by the annotation {DEFAULT_CONTAINER}, "
        f"is not valid for pod {_name(pod)}"
    )


def _default_name(pod: Pod) -> str:
    annotated = (pod.metadata.annotations or {}).get(DEFAULT_CONTAINER, "")
    if annotated:
        return annotated
    if len(pod.spec.containers) == 1:
        return pod.spec.containers[0].name
    raise _ambiguous(pod)


def _ambiguous(pod: Pod) -> ApiError:
    text = f"a container name must be specified for pod {_name(pod)}"
    if pod.spec.containers:
        text += f", choose one of: [{' '.join(c.name for c in pod.spec.containers)}]"
    if pod.spec.init_containers:
        names = " ".join(c.name for c in pod.spec.init_containers)
        text += f" or one of the init containers: [{names}]"
    return bad_request(text)


def _name(pod: Pod) -> str:
    return pod.metadata.name
