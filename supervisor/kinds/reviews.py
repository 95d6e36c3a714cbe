"""Self-subject reviews; the only user may do everything.

Follows pkg/registry/authorization and pkg/registry/authentication.
"""

from supervisor.kinds.base import Review
from supervisor.kinds.identity import Identity
from supervisor.model.meta import Object

_EVERYTHING: Object = {
    "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
    "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
    "incomplete": False,
}


def _who(user: str) -> Object:
    groups = ["system:masters", "system:authenticated"]
    return {"userInfo": {"username": user, "groups": groups}}


def _allowed(user: str) -> Object:
    return {"allowed": True, "reason": f"{user} may do everything"}


def _rules(_user: str) -> Object:
    return _EVERYTHING


SELF_SUBJECT = Review(
    identity=Identity(
        "selfsubjectreviews",
        "SelfSubjectReview",
        "authentication.k8s.io",
        namespaced=False,
    ),
    answer=_who,
)
SELF_SUBJECT_ACCESS = Review(
    identity=Identity(
        "selfsubjectaccessreviews",
        "SelfSubjectAccessReview",
        "authorization.k8s.io",
        namespaced=False,
    ),
    answer=_allowed,
)
SELF_SUBJECT_RULES = Review(
    identity=Identity(
        "selfsubjectrulesreviews",
        "SelfSubjectRulesReview",
        "authorization.k8s.io",
        namespaced=False,
    ),
    answer=_rules,
)
