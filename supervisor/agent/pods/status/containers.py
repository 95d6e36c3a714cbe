"""The status of one container.

Rules
- The newest instance is `state`; the one before it is `lastState`. A container that
  waits to be started again shows the wait, and its newest end moves to `lastState`.
- The restart count never falls, whatever becomes of the containers.

Follows pkg/kubelet/kubelet_pods.go (convertToAPIContainerStatuses).
"""

from collections.abc import Mapping

from supervisor.agent.pods.plan import Waiting
from supervisor.agent.pods.plan.history import History
from supervisor.agent.pods.plan.situation import Situation, is_sidecar
from supervisor.agent.pods.status.terminated import docker_id, terminated, vanished
from supervisor.model.pod import (
    Container,
    ContainerState,
    ContainerStateRunning,
    ContainerStateWaiting,
    ContainerStatus,
)
from supervisor.model.times import to_text
from supervisor.runtime.base import ObservedContainer

Messages = Mapping[str, str]
"""Termination messages by container id."""


def container_status(
    it: Situation, container: Container, waiting: Waiting | None, messages: Messages
) -> ContainerStatus:
    history = it.history(container.name)
    running = history.running
    if running is not None:
        state = ContainerState(running=_running(running))
        last = _last_state(history, messages)
        ready = it.is_ready(container, running)
        started = it.is_started(container, running)
        return _status(container, history, state, last, ready=ready, started=started)
    state, last = _stopped(it, history, waiting, messages)
    ended_well = state.terminated is not None and state.terminated.exit_code == 0
    initialised = container in it.pod.spec.init_containers and not is_sidecar(container)
    ready = ended_well and initialised
    return _status(container, history, state, last, ready=ready, started=False)


def _status(
    container: Container,
    history: History,
    state: ContainerState,
    last: ContainerState,
    *,
    ready: bool,
    started: bool,
) -> ContainerStatus:
    newest, before = history.running or history.newest, history.reported
    count = newest.attempt if newest else 0
    image_id = f"docker://{newest.image_id}" if newest and newest.image_id else ""
    container_id = docker_id(newest) if newest else ""
    if before is not None:
        count = max(count, before.restart_count)
        image_id = image_id or before.image_id
        container_id = container_id or before.container_id
    return ContainerStatus(
        name=container.name,
        state=state,
        last_state=last,
        ready=ready,
        restart_count=count,
        image=(newest.image if newest else "") or container.image,
        image_id=image_id,
        container_id=container_id,
        started=started,
    )


def _running(instance: ObservedContainer) -> ContainerStateRunning:
    return ContainerStateRunning(started_at=to_text(instance.started_at))


def _last_state(history: History, messages: Messages) -> ContainerState:
    """The end of the newest dead instance, or what was last known of one."""
    if history.dead:
        newest = history.dead[0]
        message = messages.get(newest.id, "")
        return ContainerState(terminated=terminated(newest, message))
    before = history.reported
    if before is None:
        return ContainerState()
    if _was_replaced_unseen(history, before):
        return ContainerState(terminated=vanished(before.container_id))
    return before.last_state


def _was_replaced_unseen(history: History, before: ContainerStatus) -> bool:
    """The last status shows another instance running, of which nothing is left."""
    now = history.running
    if now is None or before.state.running is None:
        return False
    return before.container_id != docker_id(now)


def _stopped(
    it: Situation, history: History, waiting: Waiting | None, messages: Messages
) -> tuple[ContainerState, ContainerState]:
    """State and last state of a container that does not run."""
    ends = [terminated(i, messages.get(i.id, "")) for i in history.dead]
    if history.vanished and history.reported is not None:
        before = history.reported
        known = before.state.terminated or before.last_state.terminated
        if before.state.running is not None or known is None:
            known = vanished(before.container_id)
        ends = [known]
    states = [ContainerState(terminated=end) for end in ends]
    if waiting is not None:
        state = ContainerStateWaiting(reason=waiting.reason, message=waiting.message)
        states.insert(0, ContainerState(waiting=state))
    elif not states:
        reason = "PodInitializing" if it.pod.spec.init_containers else ""
        state = ContainerStateWaiting(reason=reason or "ContainerCreating")
        states.append(ContainerState(waiting=state))
    states.append(_remembered(history))
    return states[0], states[1]


def _remembered(history: History) -> ContainerState:
    """The last state that was reported, once the instance that it tells of is gone."""
    before = history.reported
    if before is None or not history.newest_is_reported:
        return ContainerState()
    return before.last_state
