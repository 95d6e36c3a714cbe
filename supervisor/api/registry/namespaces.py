"""The namespaces that are always there.

Follows pkg/controlplane/controller/systemnamespaces.
"""

from supervisor.client.base import Client
from supervisor.kinds.identity import NAMESPACE
from supervisor.model.errors import ApiError, is_absent_or_unreadable
from supervisor.model.system_namespaces import ALWAYS_THERE


def ensure(client: Client) -> None:
    """Create those that are missing."""
    for name in ALWAYS_THERE:
        try:
            client.get(NAMESPACE.resource, name)
        except ApiError as error:
            # A damaged one is no more than its name, and is made anew.
            if not is_absent_or_unreadable(error):
                raise
            client.create(
                NAMESPACE.resource,
                {
                    **NAMESPACE.head,
                    "metadata": {"name": name},
                },
            )
