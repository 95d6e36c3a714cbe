"""What `podFailurePolicy` says about a failed pod. Pure.

Follows pkg/controller/job/pod_failure_policy.go.
"""

from dataclasses import dataclass

from supervisor.controllers.workloads.jobs.pods import exit_codes
from supervisor.model.jobs import OnExitCodes, OnPodCondition, PodFailurePolicy
from supervisor.model.pod import Pod


@dataclass(frozen=True)
class Verdict:
    counts: bool = True
    """Towards the backoff limit."""
    fails_index: bool = False
    fails_job: str = ""
    """Why the whole Job has failed; empty: it has not."""


def judge(policy: PodFailurePolicy | None, pod: Pod) -> Verdict:
    """The first rule that fits counts; without one, the failure counts."""
    for place, rule in enumerate(policy.rules if policy else ()):
        because = ""
        if rule.on_exit_codes is not None:
            because = _by_exit_code(rule.on_exit_codes, pod)
        elif rule.on_pod_conditions:
            because = _by_condition(rule.on_pod_conditions, pod)
        if not because:
            continue
        text = f"{because} matching {rule.action} rule at index {place}"
        if rule.action == "FailJob":
            return Verdict(fails_job=text)
        return Verdict(
            counts=rule.action != "Ignore", fails_index=rule.action == "FailIndex"
        )
    return Verdict()


def _by_exit_code(wanted: OnExitCodes, pod: Pod) -> str:
    for name, code in exit_codes(pod):
        if wanted.container_name not in ("", name):
            continue
        if (code in wanted.values) is (wanted.operator == "In"):
            where = f"{pod.metadata.namespace}/{pod.metadata.name}"
            return f"Container {name} for pod {where} failed with exit code {code}"
    return ""


def _by_condition(wanted: tuple[OnPodCondition, ...], pod: Pod) -> str:
    held = {c.type: c.status for c in pod.status.conditions}
    for each in wanted:
        if held.get(each.type) == each.status:
            where = f"{pod.metadata.namespace}/{pod.metadata.name}"
            return f"Pod {where} has condition {each.type}"
    return ""
