"""The list of all kinds, in the order in which discovery shows them."""

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
from supervisor.kinds.parts import never_there

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
        # Old clients evict pods only where they find the group.
        never_there(POD_DISRUPTION_BUDGET, short_names=("pdb",)),
        # Helm and kubectl list them before they say what is missing.
        never_there(
            CUSTOM_RESOURCE_DEFINITION,
            short_names=("crd", "crds"),
            categories=("api-extensions",),
        ),
        reviews.SELF_SUBJECT,
        reviews.SELF_SUBJECT_ACCESS,
        reviews.SELF_SUBJECT_RULES,
    )
)
"""What the daemon serves."""
