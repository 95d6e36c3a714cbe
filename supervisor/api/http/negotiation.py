"""Content negotiation: the representation requested by the Accept header.

Rules
- The first supported representation is used, in the client's order.
- `*/*`, an empty header and types without parameters select plain JSON.
- If no representation is supported, the response is a 406.

Follows apiserver/pkg/endpoints/handlers/negotiation.
"""

from dataclasses import dataclass

from supervisor.api import discovery
from supervisor.model.errors import ApiError

_JSON = {"application/json", "application/*", "*/*"}
_META_VERSIONS = ("v1", "v1beta1")
_KINDS = {
    "Table": "Table",
    "PartialObjectMetadata": "PartialObjectMetadata",
    "PartialObjectMetadataList": "PartialObjectMetadata",
}


@dataclass(frozen=True)
class Representation:
    """How objects are represented; `kind` is Object, Table or PartialObjectMetadata."""

    kind: str = "Object"
    version: str = "v1"
    """The version of meta.k8s.io; not used for Object."""


@dataclass(frozen=True)
class _Clause:
    media_type: str
    parameters: dict[str, str]


def negotiate(accept: str) -> Representation:
    """The representation for objects. Raises ApiError 406."""
    for clause in _clauses(accept):
        if clause.media_type not in _JSON:
            continue
        kind = clause.parameters.get("as")
        if kind is None:
            return Representation()
        version = clause.parameters.get("v", "")
        is_ours = clause.parameters.get("g") == "meta.k8s.io"
        if kind in _KINDS and is_ours and version in _META_VERSIONS:
            return Representation(_KINDS[kind], version)
    raise _not_acceptable()


def discovery_version(accept: str) -> str:
    """The requested version of aggregated discovery, or "" for legacy discovery."""
    for clause in _clauses(accept):
        if clause.media_type not in _JSON:
            continue
        kind = clause.parameters.get("as")
        version = clause.parameters.get("v", "")
        if kind is None:
            return ""
        known = version in discovery.AGGREGATED_VERSIONS
        if kind == "APIGroupDiscoveryList" and known:
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
