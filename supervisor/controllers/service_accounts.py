"""The rule `serviceaccount`: keeps the account `default` in each namespace.

Rules
- It is created with the namespace, and again after it was deleted.
- Nothing is created in a namespace that is being deleted.

Follows pkg/controller/serviceaccount/serviceaccounts_controller.go.
"""

from collections.abc import Iterable

from supervisor.client.base import Client, WatchEvent
from supervisor.kinds.identity import NAMESPACE, SERVICE_ACCOUNT
from supervisor.model.errors import (
    ApiError,
    is_absent_or_unreadable,
    is_namespace_terminating,
)
from supervisor.model.service_account import DEFAULT

_ACCOUNTS = SERVICE_ACCOUNT.resource


def keys_for(event: WatchEvent) -> Iterable[str]:
    """The namespace that may have no account."""
    meta, is_gone = event.object["metadata"], event.type == "DELETED"
    if event.object.get("kind") == NAMESPACE.kind:
        return [] if is_gone else [meta["name"]]
    return [meta["namespace"]] if is_gone and meta["name"] == DEFAULT else []


class ServiceAccounts:
    """The rule `serviceaccount`."""

    name = "serviceaccount"
    resources = (NAMESPACE.resource, _ACCOUNTS)
    first_keys: tuple[str, ...] = ()

    def __init__(self, client: Client) -> None:
        self._client = client

    def keys_for(self, event: WatchEvent) -> Iterable[str]:
        return keys_for(event)

    def reconcile(self, key: str) -> float | None:
        try:
            namespace = self._client.get(NAMESPACE.resource, key)
        except ApiError as error:
            if is_absent_or_unreadable(error):
                return None
            raise
        if "deletionTimestamp" not in namespace["metadata"]:
            self._ensure(key)
        return None

    def _ensure(self, namespace: str) -> None:
        if self._exists(namespace):
            return
        body = {**SERVICE_ACCOUNT.head, "metadata": {"name": DEFAULT}}
        try:
            self._client.create(_ACCOUNTS, body, namespace)
        except ApiError as error:
            # Created or deleted by somebody else in the meantime.
            if error.code not in (404, 409) and not is_namespace_terminating(error):
                raise

    def _exists(self, namespace: str) -> bool:
        try:
            self._client.get(_ACCOUNTS, DEFAULT, namespace)
        except ApiError as error:
            if not is_absent_or_unreadable(error):
                raise
            # What is damaged still exists.
            return error.code != 404
        return True
