"""Which ReplicaSet of a Deployment has its present template, and how each is named.

Follows pkg/controller/deployment/util/deployment_util.go and
pkg/controller/controller_utils.go (ComputeHash).
"""

import json
from collections.abc import Sequence
from copy import deepcopy

from supervisor.model.defaults.pods import complete_template
from supervisor.model.equality import same
from supervisor.model.meta import Object

HASH_LABEL = "pod-template-hash"
REVISION = "deployment.kubernetes.io/revision"
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Letters and digits of which no bad words are made."""
_FNV_OFFSET, _FNV_PRIME, _32_BITS = 0x811C9DC5, 0x01000193, 0xFFFFFFFF


def template_hash(template: Object, collisions: int | None) -> str:
    """The value of `pod-template-hash`: 32 bits of FNV-1a, as letters.

    Equal templates have equal hashes; `collisions` is counted up when two that differ
    have the same.
    """
    text = json.dumps(template, sort_keys=True, separators=(",", ":"))
    if collisions is not None:
        text += str(collisions)
    number = _FNV_OFFSET
    for byte in text.encode():
        number = ((number ^ byte) * _FNV_PRIME) & _32_BITS
    return safe_text(str(number))


def safe_text(text: str) -> str:
    """As apimachinery/pkg/util/rand SafeEncodeString does."""
    return "".join(_ALPHABET[ord(letter) % len(_ALPHABET)] for letter in text)


def plain_template(template: Object) -> Object:
    """A template without the label that tells its copies apart.

    With all defaults: a damaged Deployment may lack them, its ReplicaSets never do.
    """
    plain = deepcopy(template)
    complete_template(plain)
    labels = (plain.get("metadata") or {}).get("labels") or {}
    labels.pop(HASH_LABEL, None)
    return plain


def newest(deployment: Object, sets: Sequence[Object]) -> Object | None:
    """The oldest ReplicaSet that has the Deployment's template; None if none has."""
    wanted = plain_template(deployment["spec"]["template"])
    ordered = sorted(sets, key=lambda rs: rs["metadata"]["creationTimestamp"] or "")
    for rs in ordered:
        if same(plain_template(rs["spec"].get("template") or {}), wanted):
            return rs
    return None


def revision_of(obj: Object) -> int:
    """The number in the object's annotation; 0 if there is none."""
    text = (obj["metadata"].get("annotations") or {}).get(REVISION, "")
    return int(text) if text.isdecimal() else 0
