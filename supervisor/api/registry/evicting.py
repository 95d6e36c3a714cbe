"""Evicts pods, as far as their PodDisruptionBudgets allow it.

Rules
- The disruption is written into the budget first, and the pod is deleted afterwards: if
  the daemon ends in between, the budget gets it back after two minutes.
- A pod that may be evicted only as it was read is deleted with its resourceVersion. If
  it has changed meanwhile, a pod that needed no budget is judged again; for an
  unhealthy one, the client is asked to try again.
- While a budget of the namespace is damaged in the store, only pods that need no budget
  are evicted.

Follows pkg/registry/core/pod/storage/eviction.go.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import msgspec

from supervisor.api.registry import budgets, checking, deletion, eviction, listing
from supervisor.api.registry.object_store import ObjectStore
from supervisor.api.registry.selecting import Selection
from supervisor.client.base import DeleteOptions
from supervisor.kinds import poddisruptionbudgets, pods
from supervisor.kinds.base import Kind
from supervisor.machinery.clock import Clock
from supervisor.model.disruption_budget import PodDisruptionBudget
from supervisor.model.errors import STORAGE_READ_ERROR, ApiError
from supervisor.model.meta import Object, decode
from supervisor.model.pod import Pod

_BUDGET = poddisruptionbudgets.KIND
_DOES_NOT_MATTER = budgets.Permit()


class ChangeObject(Protocol):
    def __call__(
        self,
        kind: Kind,
        namespace: str,
        name: str,
        change: Callable[[Object], Object],
        *,
        dry_run: bool = False,
    ) -> Object: ...


class DeleteObject(Protocol):
    def __call__(
        self,
        kind: Kind,
        name: str,
        namespace: str,
        options: DeleteOptions | None = None,
        mark: Callable[[Object], Object] = ...,
    ) -> Object: ...


@dataclass(frozen=True)
class Evictions:
    """`change` and `delete` are those of the registry."""

    objects: ObjectStore
    clock: Clock
    change: ChangeObject
    delete: DeleteObject

    def evict(self, name: str, namespace: str, options: DeleteOptions) -> None:
        """Raises ApiError 429 if the budget of the pod allows no disruption."""
        while True:
            pod = self._read(name, namespace)
            permit = self._permit(pod, namespace) if pod else _DOES_NOT_MATTER
            if pod is not None:
                deletion.check_preconditions(pods.KIND, pod, options)
            if permit.costs:
                self._spend(permit.budget, namespace, name, options)
            try:
                self._delete(pod, name, namespace, options, permit)
            except ApiError as error:
                asked = options.resource_version
                if error.code != 409 or asked or not permit.only_as_read:
                    raise
                if permit.budget:
                    raise budgets.still_processed(permit.budget) from error
                continue
            return

    def _read(self, name: str, namespace: str) -> Object | None:
        """None for a pod that is damaged in the store, which may always be removed."""
        try:
            return self.objects.get(pods.KIND, namespace, name)
        except ApiError as error:
            if error.reason != STORAGE_READ_ERROR:
                raise
            return None

    def _permit(self, pod: Object, namespace: str) -> budgets.Permit:
        try:
            typed = decode(Pod, pod)
        except msgspec.ValidationError:
            return _DOES_NOT_MATTER
        found = [] if budgets.is_free(typed) else self._budgets(namespace)
        readable = []
        for item in found:
            try:
                readable.append(decode(PodDisruptionBudget, item))
            except msgspec.ValidationError:
                # As upstream: a budget whose selector cannot be read selects nothing.
                continue
        return budgets.permit(typed, readable)

    def _budgets(self, namespace: str) -> list[Object]:
        """Raises ApiError 500 if one is damaged: it may be the budget of the pod."""
        selection = Selection(_BUDGET, "", "")
        found = listing.list_objects(self.objects, _BUDGET, namespace, selection)
        for _, name in sorted(found.unreadable):
            # Raises the error that names the budget and what to do about it.
            self.objects.get(_BUDGET, namespace, name)
        return found.items

    def _spend(
        self, budget: str, namespace: str, pod: str, options: DeleteOptions
    ) -> None:
        now = self.clock.now()

        def spent(old: Object) -> Object:
            return checking.to_stored(_BUDGET, budgets.spend(old, pod, now))

        self.change(_BUDGET, namespace, budget, spent, dry_run=options.dry_run)

    def _delete(
        self,
        pod: Object | None,
        name: str,
        namespace: str,
        options: DeleteOptions,
        permit: budgets.Permit,
    ) -> None:
        now = self.clock.now()
        if pod is not None and permit.only_as_read and not options.resource_version:
            version = pod["metadata"]["resourceVersion"]
            options = replace(options, resource_version=version)

        def marked(old: Object) -> Object:
            return eviction.with_disruption_condition(old, now)

        self.delete(pods.KIND, name, namespace, options, marked)
