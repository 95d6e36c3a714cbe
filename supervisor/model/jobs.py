"""The kinds whose pods run to their end: Job and CronJob.

The fields are those that controllers act upon; what is not here is ignored with a
warning.
"""

from supervisor.model.label_selector import LabelSelector
from supervisor.model.meta import Condition, Object, ObjectMeta, Value, build
from supervisor.model.pod import PodTemplateSpec


class OnExitCodes(Value, frozen=True):
    operator: str
    values: tuple[int, ...] = ()
    container_name: str = ""


class OnPodCondition(Value, frozen=True):
    type: str
    status: str = "True"


class PodFailurePolicyRule(Value, frozen=True):
    action: str
    on_exit_codes: OnExitCodes | None = None
    on_pod_conditions: tuple[OnPodCondition, ...] = ()


class PodFailurePolicy(Value, frozen=True):
    rules: tuple[PodFailurePolicyRule, ...] = ()


class SuccessPolicyRule(Value, frozen=True):
    succeeded_indexes: str | None = None
    succeeded_count: int | None = None


class SuccessPolicy(Value, frozen=True):
    rules: tuple[SuccessPolicyRule, ...] = ()


class JobSpec(Value, frozen=True):
    parallelism: int = 1
    completions: int | None = None
    active_deadline_seconds: int | None = None
    selector: LabelSelector | None = None
    manual_selector: bool = False
    template: PodTemplateSpec | None = None
    backoff_limit: int = 6
    backoff_limit_per_index: int | None = None
    max_failed_indexes: int | None = None
    ttl_seconds_after_finished: int | None = None
    completion_mode: str = "NonIndexed"
    suspend: bool = False
    pod_failure_policy: PodFailurePolicy | None = None
    success_policy: SuccessPolicy | None = None
    pod_replacement_policy: str = "TerminatingOrFailed"


class UncountedTerminatedPods(Value, frozen=True):
    succeeded: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


class JobStatus(Value, frozen=True):
    conditions: tuple[Condition, ...] = ()
    start_time: str | None = None
    completion_time: str | None = None
    active: int = 0
    succeeded: int = 0
    failed: int = 0
    completed_indexes: str = ""
    failed_indexes: str | None = None
    """None without a backoffLimitPerIndex."""
    uncounted_terminated_pods: UncountedTerminatedPods | None = None
    ready: int | None = None
    terminating: int | None = None


class Job(Value, frozen=True):
    metadata: ObjectMeta
    spec: JobSpec = JobSpec()
    status: JobStatus = JobStatus()


class JobTemplateSpec(Value, frozen=True):
    metadata: ObjectMeta = ObjectMeta()
    spec: JobSpec = JobSpec()


class CronJobSpec(Value, frozen=True):
    schedule: str
    job_template: JobTemplateSpec = JobTemplateSpec()
    starting_deadline_seconds: int | None = None
    concurrency_policy: str = "Allow"
    suspend: bool = False
    successful_jobs_history_limit: int | None = None
    failed_jobs_history_limit: int | None = None
    time_zone: str | None = None


class CronJobStatus(Value, frozen=True):
    active: tuple[Object, ...] = ()
    last_schedule_time: str | None = None
    last_successful_time: str | None = None


class CronJob(Value, frozen=True):
    metadata: ObjectMeta
    spec: CronJobSpec
    status: CronJobStatus = CronJobStatus()


build(globals())
