"""The form of an answer: what the Accept header asks for, among what we can give.

Rules
- The first form that we have wins, in the client's order.
- `*/*`, an empty header and types without parameters mean plain JSON.
- A header that asks only for what we do not have is 406.

Follows apiserver/pkg/endpoints/handlers/negotiation.
"""

from dataclasses import dataclass

from supervisor.api import discovery
from supervisor.model.errors import ApiError

_JSON = {"application/json", "application/*", "*/*"}
_META_VERSIONS = ("v1", "v1beta1")
_FORMS = {
    "Table": "Table",
    "PartialObjectMetadata": "PartialObjectMetadata",
    "PartialObjectMetadataList": "PartialObjectMetadata",
}


@dataclass(frozen=True)
class Form:
    """`kind` is Object, Table or PartialObjectMetadata."""

    kind: str = "Object"
    version: str = "v1"
    """Of meta.k8s.io, for all but Object."""


@dataclass(frozen=True)
class _Clause:
    media_type: str
    parameters: dict[str, str]


def form_of(accept: str) -> Form:
    """How to answer with objects. Raises ApiError 406."""
    for clause in _clauses(accept):
        if clause.media_type not in _JSON:
            continue
        wanted = clause.parameters.get("as")
        if wanted is None:
            return Form()
        version = clause.parameters.get("v", "")
        is_ours = clause.parameters.get("g") == "meta.k8s.io"
        if wanted in _FORMS and is_ours and version in _META_VERSIONS:
            return Form(_FORMS[wanted], version)
    raise _not_acceptable()


def discovery_version(accept: str) -> str:
    """The version of aggregated discovery that is asked for; empty for none."""
    for clause in _clauses(accept):
        if clause.media_type not in _JSON:
            continue
        wanted = clause.parameters.get("as")
        version = clause.parameters.get("v", "")
        if wanted is None:
            return ""
        known = version in discovery.AGGREGATED_VERSIONS
        if wanted == "APIGroupDiscoveryList" and known:
            return version
    return ""


def _clauses(accept: str) -> list[_Clause]:
    clauses = []
    for text in (accept or "*/*").split(","):
        media_type, *rest = (part.strip() for part in text.split(";"))
        pairs = (part.partition("=") for part in rest)
        parameters = {key.strip(): value.strip() for key, _, value in pairs}
        clauses.append(_Clause(media_type.lower(), parameters))
    return clauses


def _not_acceptable() -> ApiError:
    message = (
        "only the following media types are accepted: application/json, "
        "application/json;as=Table;v=v1;g=meta.k8s.io, "
        "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
    )
    return ApiError(406, "NotAcceptable", message)
