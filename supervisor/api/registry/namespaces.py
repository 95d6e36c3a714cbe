"""Creation of the system namespaces.

Follows pkg/controlplane/controller/systemnamespaces.
"""

from supervisor.client.base import Client
from supervisor.kinds.identity import NAMESPACE
from supervisor.model.errors import ApiError, is_absent_or_unreadable
from supervisor.model.system_namespaces import ALWAYS_THERE


def ensure(client: Client) -> None:
    """Create system namespaces that are missing. Raises ApiError."""
    for name in ALWAYS_THERE:
        try:
            client.get(NAMESPACE.resource, name)
        except ApiError as error:
            # Damaged namespaces are recreated, too: only their names matter.
            if not is_absent_or_unreadable(error):
                raise
            client.create(
                NAMESPACE.resource,
                {
                    **NAMESPACE.head,
                    "metadata": {"name": name},
                },
            )
