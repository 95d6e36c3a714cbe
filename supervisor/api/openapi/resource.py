"""A resource in OpenAPI documents: kind, paths and operations."""

from collections.abc import Iterator
from typing import NamedTuple

from supervisor.model import schema
from supervisor.model.schema import TypeSchema

_ALL_VERBS = ("create", "delete", "get", "list", "patch", "update")


class Resource(NamedTuple):
    group_version: str
    """`v1`, `coordination.k8s.io/v1`."""
    kind: str
    plural: str
    namespaced: bool
    verbs: tuple[str, ...] = _ALL_VERBS

    @property
    def root(self) -> str:
        """The path of the group and version, without leading and final slash."""
        prefix = "apis" if "/" in self.group_version else "api"
        return f"{prefix}/{self.group_version}"

    @property
    def gvk(self) -> dict[str, str]:
        group, _, version = self.group_version.rpartition("/")
        return {"group": group, "version": version, "kind": self.kind}

    @property
    def type(self) -> TypeSchema:
        """The schema of its kind. Raises LookupError if there is none."""
        return _find(self.group_version, self.kind)

    @property
    def list_type(self) -> TypeSchema | None:
        return schema.lookup(self.group_version, f"{self.kind}List")

    @property
    def collection_path(self) -> str:
        scope = "/namespaces/{namespace}" if self.namespaced else ""
        return f"/{self.root}{scope}/{self.plural}"

    @property
    def item_path(self) -> str:
        return self.collection_path + "/{name}"

    def operations(self) -> Iterator[tuple[str, str, str]]:
        """Path, HTTP method and verb of each operation, grouped by path."""
        collection = self.collection_path
        for path, method, verb in (
            (collection, "get", "list"),
            (collection, "post", "create"),
            (self.item_path, "get", "get"),
            (self.item_path, "put", "update"),
            (self.item_path, "patch", "patch"),
            (self.item_path, "delete", "delete"),
        ):
            if verb in self.verbs or verb == "patch":
                # kubectl detects server-side validation by the PATCH operation, so it
                # is included for kinds that cannot be patched, too.
                yield path, method, verb


def _find(group_version: str, kind: str) -> TypeSchema:
    found = schema.lookup(group_version, kind)
    if found is None:
        raise LookupError(f"the schema table has no {kind} in {group_version}")
    return found
