"""Carry out a plan, action by action; the only place of the agent that changes things.

Rules
- Actions come in the plan's order; neighbouring kills happen side by side.
- A container that cannot be started is put on hold and does not keep the others back.
  Without a sandbox nothing else of the plan makes sense.
- Whatever breaks off in between is found again by the next plan.
"""

import itertools
import logging
from collections.abc import Iterable, Iterator, Sequence

from supervisor.agent.images.images import Images
from supervisor.agent.pods.bound_pods import PodRecord
from supervisor.agent.pods.execute.kills import Kills
from supervisor.agent.pods.execute.starts import Network, Starts
from supervisor.agent.pods.failures import ImagePulling, StartFailed
from supervisor.agent.pods.plan import Action, Plan
from supervisor.agent.pods.plan.actions import (
    DeletePod,
    KillContainer,
    RemoveContainer,
    RemoveSandbox,
    RemoveVolumes,
    ReportStatus,
    StartContainer,
    StartSandbox,
)
from supervisor.agent.pods.plan.situation import SANDBOX_NAME
from supervisor.agent.pods.reports import Reporter
from supervisor.agent.site import Site
from supervisor.client.base import DeleteOptions
from supervisor.kinds.identity import POD
from supervisor.model.errors import ApiError
from supervisor.runtime.base import ObservedPod
from supervisor.runtime.reach import PodAddress

_PULL_PATIENCE_SECONDS = 600.0
_MAX_REPORTS = 3
"""Tries, where others change the pod at the same time."""
_log = logging.getLogger(__name__)


class Performer:
    def __init__(
        self,
        site: Site,
        starts: Starts,
        kills: Kills,
        images: Images,
        reporter: Reporter,
    ) -> None:
        self._runtime = site.runtime
        self._client = site.client
        self._holds = site.holds
        self._bound_pods = site.bound_pods
        self._address = site.address
        self._starts = starts
        self._kills = kills
        self._images = images
        self._awaited = site.awaited
        self._admission = site.admission
        self._start_limiter = site.start_limiter
        self._reporter = reporter

    def perform(
        self, todo: Plan, uid: str, record: PodRecord | None, seen: ObservedPod | None
    ) -> bool:
        """Carry out `todo`, which was made from `seen`; `record` is None for a pod
        that the API does not know. False when the pod has to wait for its turn, and
        will be woken.
        """
        network = self._starts.inside(record, seen) if record else None
        address = self._address(record, seen) if record else PodAddress()
        title = f"{seen.namespace}/{seen.name}" if seen else uid
        title = record.title if record else title
        for batch in _batches(todo.actions):
            if isinstance(batch, list):
                _tell(title, batch)
                self._kills.perform(batch, uid, record, address)
                continue
            if not isinstance(batch, StartContainer | StartSandbox):
                _tell(title, [batch])
            match batch:
                case StartSandbox() if record is not None:
                    if not self._start_limiter.take(uid):
                        return False
                    network = self._start_sandbox(record, batch)
                    self._start_limiter.give_back(uid)
                    if network is None:
                        return True
                case StartContainer() if record is not None:
                    network = network or self._starts.network(record)
                    self._start(record, batch, network)
                case DeletePod() if record is not None:
                    self._delete(record)
                case _:
                    self._remove(uid, batch)
        return True

    def _start_sandbox(self, record: PodRecord, action: StartSandbox) -> Network | None:
        _tell(record.title, [action])
        try:
            network = self._starts.sandbox(record, action)
        except StartFailed as error:
            _log.info("%s: no sandbox: %s", record.title, error)
            self._holds.put(record.uid, SANDBOX_NAME, error)
            self._awaited.put(record.uid, SANDBOX_NAME, error.awaits)
            return None
        self._holds.drop(record.uid, SANDBOX_NAME)
        self._awaited.put(record.uid, SANDBOX_NAME, None)
        return network

    def _start(
        self, record: PodRecord, action: StartContainer, network: Network
    ) -> None:
        uid, name = record.uid, action.container
        container = record.pod.spec.container(name)
        image = container.image if container else ""
        try:
            self._starts.container(record, action, network)
            _tell(record.title, [action])
        except StartFailed as error:
            _log.info("%s: %s does not start: %s", record.title, name, error)
            self._holds.put(uid, name, error, image)
            self._awaited.put(uid, name, error.awaits)
        except ImagePulling:
            _log.info("%s: %s waits for its image", record.title, name)
            waiting = StartFailed("ContainerCreating", "", _PULL_PATIENCE_SECONDS)
            self._holds.put(uid, name, waiting, image)
            if not self._images.is_pulling(uid, name):
                # It came while we were putting the hold.
                self._holds.release(uid, name)
        else:
            self._holds.drop(uid, name)
            self._awaited.put(uid, name, None)

    def _remove(self, uid: str, action: Action) -> None:
        match action:
            case RemoveContainer():
                self._runtime.remove_container(action.id)
            case RemoveSandbox():
                self._runtime.remove_sandbox(action.id)
                self._awaited.freed()
            case RemoveVolumes():
                self._runtime.remove_volumes(uid)
            case ReportStatus():
                self._report_now(uid)

    def _report_now(self, uid: str) -> None:
        for _ in range(_MAX_REPORTS):
            if self._reporter.report_afresh(uid) is None:
                return

    def hasten(self, pod_uid: str, deadline: float) -> None:
        """End what is under way with this pod by `deadline`."""
        self._images.leave(pod_uid)
        self._starts.interrupt(pod_uid, deadline)
        self._kills.hasten(pod_uid, deadline)

    def forget(self, pod_uid: str) -> None:
        """Nothing is left of a pod: drop what is remembered of it."""
        self._holds.forget(pod_uid)
        self._admission.forget(pod_uid)
        self._awaited.forget(pod_uid)
        self._images.forget(pod_uid)

    def _delete(self, record: PodRecord) -> None:
        meta = record.pod.metadata
        options = DeleteOptions(grace_period_seconds=0, uid=meta.uid)
        try:
            self._client.delete(POD.resource, meta.name, meta.namespace, options)
        except ApiError as error:
            # Gone already, or another pod has taken the name: both are fine.
            if error.code not in (404, 409):
                raise
        if not meta.finalizers:
            self._bound_pods.remove(meta.uid)


def _tell(title: str, actions: Iterable[Action]) -> None:
    for action in actions:
        _log.info("%s: %s", title, action)


def _batches(actions: Sequence[Action]) -> Iterator[list[KillContainer] | Action]:
    """Actions one by one, but neighbouring kills together."""
    for is_kill, row in itertools.groupby(
        actions, key=lambda action: isinstance(action, KillContainer)
    ):
        if is_kill:
            yield [action for action in row if isinstance(action, KillContainer)]
        else:
            yield from row
