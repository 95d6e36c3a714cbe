"""The one table of the kinds that we serve: names, verbs, subresources, rules.

Rules
- Everything that differs from kind to kind in registry, discovery and HTTP stands here;
  adding a kind is adding a row.
- A resource is named by its plural, with its group behind a dot for groups other than
  core: `pods`, `leases.coordination.k8s.io`.
- Reviews are virtual: they can be created, answer at once and are never stored.

Follows pkg/apis/*/register.go and pkg/registry/*/*/strategy.go.
"""

from dataclasses import dataclass

from supervisor.model import kinds
from supervisor.model.engine import Engine
from supervisor.model.errors import unknown_path
from supervisor.model.meta import Value
from supervisor.model.pod import Pod

ALL_VERBS = (
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
)
READ_VERBS = ("get", "list", "watch")
_CHANGE = ("get", "patch", "update")


@dataclass(frozen=True)
class Subresource:
    name: str
    kind: str
    verbs: tuple[str, ...]
    group: str = ""
    """Of its kind, as is `version`; empty for the parent's own."""
    version: str = ""


@dataclass(frozen=True)
class Resource:
    plural: str
    kind: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    subresources: tuple[Subresource, ...] = ()
    value_type: type[Value] | None = None
    """The fields that we honour."""
    default_propagation: str = "Background"
    """What a deletion without a propagationPolicy means for dependents."""
    graceful: bool = False
    """Deletion waits for an agent, at most for a grace period."""
    collected: bool = True
    """The garbage collector looks after its owners and dependents."""
    answers_deleted: bool = False
    """Deletion answers the object rather than a Status."""
    virtual: bool = False

    @property
    def name(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def singular(self) -> str:
        return self.kind.lower()

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified_kind(self) -> str:
        """As errors show it: `Pod`, `Lease.coordination.k8s.io`."""
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @property
    def stored(self) -> bool:
        return not self.virtual

    def subresource(self, name: str) -> Subresource | None:
        return next((s for s in self.subresources if s.name == name), None)


def _status(kind: str) -> Subresource:
    return Subresource("status", kind, _CHANGE)


def _review(plural: str, kind: str, group: str) -> Resource:
    return Resource(
        plural,
        kind,
        group,
        namespaced=False,
        verbs=("create",),
        collected=False,
        virtual=True,
    )


_CONNECT = ("create", "get")

RESOURCES: tuple[Resource, ...] = (
    Resource(
        "configmaps", "ConfigMap", short_names=("cm",), value_type=kinds.ConfigMap
    ),
    Resource(
        "events",
        "Event",
        short_names=("ev",),
        value_type=kinds.Event,
        collected=False,
    ),
    Resource("limitranges", "LimitRange", short_names=("limits",), verbs=READ_VERBS),
    Resource(
        "namespaces",
        "Namespace",
        namespaced=False,
        short_names=("ns",),
        verbs=tuple(v for v in ALL_VERBS if v != "deletecollection"),
        subresources=(
            Subresource("finalize", "Namespace", ("update",)),
            _status("Namespace"),
        ),
        value_type=kinds.Namespace,
        answers_deleted=True,
    ),
    Resource(
        "nodes",
        "Node",
        namespaced=False,
        short_names=("no",),
        subresources=(_status("Node"),),
        value_type=kinds.Node,
    ),
    Resource(
        "pods",
        "Pod",
        short_names=("po",),
        categories=("all",),
        subresources=(
            Subresource("attach", "PodAttachOptions", _CONNECT),
            Subresource("binding", "Binding", ("create",)),
            Subresource("eviction", "Eviction", ("create",), "policy", "v1"),
            Subresource("exec", "PodExecOptions", _CONNECT),
            Subresource("log", "Pod", ("get",)),
            Subresource("portforward", "PodPortForwardOptions", _CONNECT),
            _status("Pod"),
        ),
        value_type=Pod,
        graceful=True,
        answers_deleted=True,
    ),
    Resource(
        "replicationcontrollers",
        "ReplicationController",
        short_names=("rc",),
        categories=("all",),
        subresources=(
            Subresource("scale", "Scale", _CHANGE, "autoscaling", "v1"),
            _status("ReplicationController"),
        ),
        value_type=kinds.ReplicationController,
        default_propagation="Orphan",
    ),
    Resource(
        "resourcequotas", "ResourceQuota", short_names=("quota",), verbs=READ_VERBS
    ),
    Resource("secrets", "Secret", value_type=kinds.Secret),
    Resource(
        "services",
        "Service",
        short_names=("svc",),
        categories=("all",),
        verbs=READ_VERBS,
    ),
    Resource("leases", "Lease", "coordination.k8s.io"),
    Resource(
        "engines",
        "Engine",
        "supervisor.io",
        namespaced=False,
        short_names=("eng",),
        subresources=(_status("Engine"),),
        value_type=Engine,
    ),
    # There are none; old clients evict only where they find the group.
    Resource(
        "poddisruptionbudgets",
        "PodDisruptionBudget",
        "policy",
        short_names=("pdb",),
        verbs=READ_VERBS,
    ),
    # There are none either; Helm and kubectl list them before they say what is missing.
    Resource(
        "customresourcedefinitions",
        "CustomResourceDefinition",
        "apiextensions.k8s.io",
        namespaced=False,
        short_names=("crd", "crds"),
        categories=("api-extensions",),
        verbs=READ_VERBS,
    ),
    _review("selfsubjectreviews", "SelfSubjectReview", "authentication.k8s.io"),
    _review(
        "selfsubjectaccessreviews", "SelfSubjectAccessReview", "authorization.k8s.io"
    ),
    _review(
        "selfsubjectrulesreviews", "SelfSubjectRulesReview", "authorization.k8s.io"
    ),
)

_BY_NAME = {resource.name: resource for resource in RESOURCES}
_BY_PATH = {(r.group, r.version, r.plural): r for r in RESOURCES}


def lookup(name: str) -> Resource:
    """The resource of that name. Raises ApiError 404, in upstream's words."""
    found = _BY_NAME.get(name)
    if found is None:
        raise unknown_path()
    return found


def at(group: str, version: str, plural: str) -> Resource | None:
    """The resource that a path names."""
    return _BY_PATH.get((group, version, plural))


def by_kind(api_version: str, kind: str) -> Resource | None:
    """The resource whose objects have this apiVersion and kind."""
    return next(
        (r for r in RESOURCES if (r.api_version, r.kind) == (api_version, kind)), None
    )


def group_versions() -> list[tuple[str, str]]:
    """Each (group, version) that is served, in the order of the table."""
    return list(dict.fromkeys((r.group, r.version) for r in RESOURCES))
