"""Resolving resource names to kinds, and checking that the verb is supported."""

from supervisor.kinds.base import Kind, Resource
from supervisor.kinds.catalog import Catalog
from supervisor.model.errors import method_not_allowed, unknown_path


def resource(catalog: Catalog, name: str, verb: str, subresource: str = "") -> Resource:
    """The resource `name`, if it supports `verb`. Raises ApiError 404 or 405."""
    found = catalog.lookup(name)
    verbs = found.verbs
    if subresource:
        part = found.subresource(subresource)
        if part is None:
            raise unknown_path()
        verbs = part.verbs
    if verb not in verbs:
        raise method_not_allowed(verb, name)
    return found


def kind(catalog: Catalog, name: str, verb: str, subresource: str = "") -> Kind:
    """Like `resource`, for verbs that only stored kinds support."""
    found = resource(catalog, name, verb, subresource)
    if not isinstance(found, Kind):
        raise method_not_allowed(verb, name)
    return found
