"""Finding pods by name (`kubia`, `pod/kubia`) or by controller (`rc/kubia`).

Follows kubectl/pkg/polymorphichelpers (attachablepodforobject, logsforobject).
"""

from collections.abc import Sequence

from supervisor.cli import targets
from supervisor.cli.failure import Failure
from supervisor.cli.objects import read_all
from supervisor.cli.session import Session, print_stderr
from supervisor.kinds.identity import POD
from supervisor.model.meta import Object

_DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


def find(session: Session, word: str, *, report_choice: bool = False) -> Object:
    """The named pod; for a controller, its oldest ready pod.

    With `report_choice`, print which of several pods was chosen. Raises ApiError, and
    Failure if no pod matches.
    """
    target = None
    if "/" in word:
        target = targets.parse(session.catalog, [word], "get")[0]
    if target is None or target.resource.full_name == POD.resource:
        name = target.name if target is not None else word
        return session.client.get(POD.resource, name, session.namespace)
    obj = session.client.get(
        target.resource.full_name, target.name, session.namespace_of(target.resource)
    )
    pods = of_controller(session, obj)
    if report_choice and len(pods) > 1:
        print_stderr(f"Found {len(pods)} pods, using pod/{pods[0]['metadata']['name']}")
    return pods[0]


def of_controller(session: Session, obj: Object) -> list[Object]:
    """The pods that a controller selects, ready ones first, then by age.

    Raises ApiError, and Failure if there are none.
    """
    selector = (obj.get("spec") or {}).get("selector")
    selector = (selector or {}).get("matchLabels", selector)
    if not selector:
        raise Failure(
            f"cannot find the pods of {obj['kind']} {obj['metadata']['name']}"
        )
    labels = ",".join(f"{key}={value}" for key, value in sorted(selector.items()))
    pods = select(session, labels)
    if not pods:
        raise Failure(f"no pods match the selector {labels}")
    return pods


def select(session: Session, labels: str) -> list[Object]:
    """The pods that match a label selector, ready ones first, then by age."""
    resource = session.catalog.find(POD.resource)
    return sorted(read_all(session, resource, session.namespace, labels, ""), key=_rank)


def container_of(pod: Object) -> str:
    """The default container; prints which one was chosen if there are several."""
    names = [c["name"] for c in pod["spec"].get("containers") or ()]
    annotations = pod["metadata"].get("annotations") or {}
    chosen = str(annotations.get(_DEFAULT_CONTAINER) or names[0])
    if chosen in names and len(names) > 1 and _DEFAULT_CONTAINER not in annotations:
        others = [*names, *(f"{n} (init)" for n in init_containers(pod))]
        print_stderr(f'Defaulted container "{chosen}" out of: {", ".join(others)}')
    return chosen


def all_containers(pod: Object) -> list[str]:
    """Names of all containers, init containers first."""
    names = [c["name"] for c in pod["spec"].get("containers") or ()]
    return [*init_containers(pod), *names]


def init_containers(pod: Object) -> Sequence[str]:
    """Names of the init containers."""
    return [c["name"] for c in pod["spec"].get("initContainers") or ()]


def _rank(pod: Object) -> tuple[bool, str]:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    ready = any(
        c.get("type") == "Ready" and c.get("status") == "True" for c in conditions
    )
    return (not ready, str(pod["metadata"].get("creationTimestamp") or ""))
