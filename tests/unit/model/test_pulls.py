"""Telling a pull policy that was written down from one that a tag implies."""

from supervisor.model.defaults import STRICT_PULL
from supervisor.model.meta import Object
from tests import kinds


def pod(image: str, policy: str | None, **meta: object) -> Object:
    container = {"name": "app", "image": image}
    if policy:
        container["imagePullPolicy"] = policy
    return {"metadata": dict(meta), "spec": {"containers": [container]}}


def marked(obj: Object) -> str | None:
    kinds.admit("pods", obj)
    text: str | None = (obj["metadata"].get("annotations") or {}).get(STRICT_PULL)
    return text


def test_an_always_that_was_written_down_is_remembered() -> None:
    """Its containers never run an image that the registry has not confirmed."""
    assert marked(pod("kubia", "Always")) == "app"
    assert marked(pod("kubia:latest", "Always")) == "app"


def test_an_implied_always_leaves_no_mark() -> None:
    """The usual pod of the book is described without annotations."""
    assert marked(pod("kubia", None)) is None


def test_another_tag_needs_no_mark() -> None:
    """There Always can only have been written down."""
    assert marked(pod("registry:5000/kubia:v1", "Always")) is None


def test_a_controllers_pod_is_as_its_template_says() -> None:
    """The template's defaults look as if they had been written down."""
    owner = {"kind": "ReplicationController", "controller": True}

    assert marked(pod("kubia", "Always", ownerReferences=[owner])) is None


def test_a_template_is_marked_too() -> None:
    """Pods take their annotations from it."""
    rc: Object = {"metadata": {}, "spec": {"template": pod("kubia", "Always")}}
    kinds.admit("replicationcontrollers", rc)

    annotations = rc["spec"]["template"]["metadata"]["annotations"]
    assert annotations == {STRICT_PULL: "app"}


def test_an_annotation_of_the_user_stays() -> None:
    """Whoever has decided by hand is not corrected."""
    given = pod("kubia", "Always", annotations={STRICT_PULL: "other"})

    assert marked(given) == "other"
