"""The catalog of all kinds, in the order of the discovery documents."""

from supervisor.kinds import (
    configmaps,
    controllerrevisions,
    cronjobs,
    daemonsets,
    deployments,
    engines,
    events,
    horizontalpodautoscalers,
    jobs,
    leases,
    limitranges,
    metrics,
    namespaces,
    nodes,
    persistentvolumeclaims,
    persistentvolumes,
    poddisruptionbudgets,
    pods,
    priorityclasses,
    replicasets,
    replicationcontrollers,
    resourcequotas,
    reviews,
    secrets,
    serviceaccounts,
    services,
    statefulsets,
    storageclasses,
)
from supervisor.kinds.catalog import Catalog
from supervisor.kinds.identity import (
    CUSTOM_RESOURCE_DEFINITION,
)
from supervisor.kinds.parts import empty_kind

CATALOG = Catalog(
    (
        configmaps.KIND,
        events.KIND,
        limitranges.KIND,
        namespaces.KIND,
        nodes.KIND,
        persistentvolumeclaims.KIND,
        persistentvolumes.KIND,
        pods.KIND,
        replicationcontrollers.KIND,
        resourcequotas.KIND,
        secrets.KIND,
        serviceaccounts.KIND,
        services.KIND,
        controllerrevisions.KIND,
        daemonsets.KIND,
        deployments.KIND,
        replicasets.KIND,
        statefulsets.KIND,
        horizontalpodautoscalers.KIND,
        cronjobs.KIND,
        jobs.KIND,
        leases.KIND,
        storageclasses.KIND,
        engines.KIND,
        poddisruptionbudgets.KIND,
        priorityclasses.KIND,
        # Helm and kubectl list them before reporting that a kind is missing.
        empty_kind(
            CUSTOM_RESOURCE_DEFINITION,
            short_names=("crd", "crds"),
            categories=("api-extensions",),
        ),
        metrics.NODES,
        metrics.PODS,
        reviews.SELF_SUBJECT,
        reviews.SELF_SUBJECT_ACCESS,
        reviews.SELF_SUBJECT_RULES,
    )
)
"""The kinds served by the daemon."""
