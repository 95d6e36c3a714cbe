"""The catalog of all kinds, in the order of the discovery documents."""

from supervisor.kinds import (
    configmaps,
    controllerrevisions,
    cronjobs,
    daemonsets,
    deployments,
    engines,
    events,
    jobs,
    leases,
    namespaces,
    nodes,
    pods,
    quotas,
    replicasets,
    replicationcontrollers,
    reviews,
    secrets,
    services,
)
from supervisor.kinds.catalog import Catalog
from supervisor.kinds.identity import (
    CUSTOM_RESOURCE_DEFINITION,
    POD_DISRUPTION_BUDGET,
)
from supervisor.kinds.parts import empty_kind

CATALOG = Catalog(
    (
        configmaps.KIND,
        events.KIND,
        quotas.LIMITS,
        namespaces.KIND,
        nodes.KIND,
        pods.KIND,
        replicationcontrollers.KIND,
        quotas.QUOTAS,
        secrets.KIND,
        services.KIND,
        controllerrevisions.KIND,
        daemonsets.KIND,
        deployments.KIND,
        replicasets.KIND,
        cronjobs.KIND,
        jobs.KIND,
        leases.KIND,
        engines.KIND,
        # Old clients evict pods only if discovery contains the group `policy`.
        empty_kind(POD_DISRUPTION_BUDGET, short_names=("pdb",)),
        # Helm and kubectl list them before reporting that a kind is missing.
        empty_kind(
            CUSTOM_RESOURCE_DEFINITION,
            short_names=("crd", "crds"),
            categories=("api-extensions",),
        ),
        reviews.SELF_SUBJECT,
        reviews.SELF_SUBJECT_ACCESS,
        reviews.SELF_SUBJECT_RULES,
    )
)
"""The kinds served by the daemon."""
