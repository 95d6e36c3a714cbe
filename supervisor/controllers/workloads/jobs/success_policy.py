"""Whether the indexes that have succeeded suffice by `successPolicy`. Pure.

Follows pkg/controller/job/success_policy.go.
"""

from collections.abc import Set as AbstractSet

from supervisor.controllers.workloads.jobs import indexes
from supervisor.model.jobs import SuccessPolicy, SuccessPolicyRule


def matched(policy: SuccessPolicy | None, done: AbstractSet[int]) -> str:
    """The message of the first rule that holds; empty if none does."""
    if not done:
        return ""
    for place, rule in enumerate(policy.rules if policy else ()):
        if _holds(rule, done):
            return f"Matched rules at index {place}"
    return ""


def _holds(rule: SuccessPolicyRule, done: AbstractSet[int]) -> bool:
    count = rule.succeeded_count
    if rule.succeeded_indexes is None:
        return count is not None and len(done) >= count
    wanted = indexes.parse(rule.succeeded_indexes)
    found = len(wanted & done)
    return bool(wanted) and (
        found == len(wanted) or (count is not None and found >= count)
    )
