"""Answers to "who am I" and "may I": the one user may do everything.

Follows pkg/registry/authorization and pkg/registry/authentication.
"""

from supervisor.api.scheme import Resource
from supervisor.model.meta import Object

_EVERYTHING: Object = {
    "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
    "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
    "incomplete": False,
}


def answer(resource: Resource, review: Object, user: str) -> Object:
    """`review` with its status filled in."""
    match resource.kind:
        case "SelfSubjectReview":
            groups = ["system:masters", "system:authenticated"]
            status: Object = {"userInfo": {"username": user, "groups": groups}}
        case "SelfSubjectRulesReview":
            status = _EVERYTHING
        case _:
            status = {"allowed": True, "reason": f"{user} may do everything"}
    review["metadata"].setdefault("creationTimestamp", None)
    return review | {"status": status}
