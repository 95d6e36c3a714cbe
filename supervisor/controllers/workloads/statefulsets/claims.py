"""Owners of the claims of a StatefulSet, with which they are deleted. Pure.

Rules
- `whenDeleted: Delete` makes the set an owner of each claim, `whenScaled: Delete` a
  surplus pod the owner of its claims: the garbage collector does the rest.
- A claim whose pod is not surplus has no pod as its owner.

Follows updateClaimOwnerRefForSetAndPod of
pkg/controller/statefulset/stateful_set_utils.go.
"""

from supervisor.kinds.identity import POD
from supervisor.model.meta import Object, controller_reference
from supervisor.model.statefulset import PersistentVolumeClaimRetentionPolicy


def owners(
    claim: Object,
    owner: Object,
    pod: Object,
    *,
    is_surplus: bool,
    policy: PersistentVolumeClaimRetentionPolicy,
) -> list[Object] | None:
    """The ownerReferences that the claim should have; None if it has them."""
    by_pod = policy.when_scaled == "Delete" and is_surplus
    by_set = policy.when_deleted == "Delete" and not by_pod
    given: list[Object] = claim["metadata"].get("ownerReferences") or []
    wanted = [
        ref
        for ref in given
        if ref.get("uid") not in (owner["metadata"]["uid"], pod["metadata"]["uid"])
        and not _is_pod(ref, pod)
    ]
    if by_set:
        wanted.append(controller_reference(owner))
    if by_pod:
        wanted.append(_reference(pod))
    names = {(r.get("uid"), r.get("kind")) for r in given}
    return None if names == {(r["uid"], r["kind"]) for r in wanted} else wanted


def is_stale(claim: Object, pod_name: str, pod_uid: str) -> bool:
    """Whether the claim belongs to an earlier pod, with which it will be deleted."""
    refs = claim["metadata"].get("ownerReferences") or ()
    return any(
        r.get("kind") == POD.kind and r.get("name") == pod_name and r["uid"] != pod_uid
        for r in refs
    )


def _is_pod(ref: Object, pod: Object) -> bool:
    return bool(
        ref.get("kind") == POD.kind and ref.get("name") == pod["metadata"]["name"]
    )


def _reference(pod: Object) -> Object:
    meta = pod["metadata"]
    return {**POD.head, "name": meta["name"], "uid": meta["uid"]}
