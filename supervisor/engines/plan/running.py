"""An engine whose agent runs, or whose access is unknown. Pure.

Rules
- The status of the Engine shows what the agent reports in the Node.
- What an earlier agent wrote there does not count for a while after the launch.
- An agent keeps running while its access is unknown, and is replaced when it changes.
"""

from supervisor.engines import node_labels
from supervisor.engines.access import Access
from supervisor.engines.failure import UNAVAILABLE, Failure
from supervisor.engines.node_view import NodeView, view
from supervisor.engines.plan.actions import (
    Action,
    Halt,
    PatchNodeLabels,
    RelabelAgent,
    Report,
    Reserve,
    ShowPlaceholder,
    Wait,
)
from supervisor.engines.plan.connecting import replaced, report_connected, rest
from supervisor.engines.plan.sight import Situation
from supervisor.model.engine import CONNECTED, CONNECTING

NO_ACCESS_SECONDS = 5.0
SETTLING_SECONDS = 15.0
"""How long after a launch the Node may still show the state from before."""


def has_no_access(it: Situation) -> bool:
    return isinstance(it.sight.access, Failure) and not it.is_leaving


def report_no_access(it: Situation) -> tuple[Action, ...]:
    failure = it.sight.access
    assert isinstance(failure, Failure)
    because = str(failure)
    until = it.now + NO_ACCESS_SECONDS
    wait = Wait(until, because=because)
    if it.sight.agent is not None:
        return (Report(CONNECTED, failure.reason, because, because=because), wait)
    return (
        ShowPlaceholder(failure, because=because),
        Report(failure.phase, failure.reason, because, because=because),
        wait,
    )


def is_outdated(it: Situation) -> bool:
    agent, access = it.sight.agent, it.sight.access
    if agent is None or it.is_leaving or not isinstance(access, Access):
        return False
    return agent.access != access


def replace_agent(it: Situation) -> tuple[Action, ...]:
    return (Halt(because="the access to the engine has changed"),)


def is_running(it: Situation) -> bool:
    """The agent runs, with the current access."""
    agent = it.sight.agent
    return agent is not None and not it.is_leaving and agent.access == it.sight.access


def follow(it: Situation) -> tuple[Action, ...]:
    agent, node = it.sight.agent, it.sight.node
    assert agent is not None
    actions = list[Action]()
    if agent.labels != it.labels:
        actions.append(RelabelAgent(it.labels, because="the Engine's labels changed"))
    if node is None:
        return (*actions, rest(it))
    if (patch := node_labels.patch(node, it.labels)) is not None:
        because = "they differ from those of the Engine"
        actions.append(PatchNodeLabels(patch, because=because))
    seen = view(node)
    settled_at = agent.launched_at + SETTLING_SECONDS
    if seen.heartbeat_at < int(agent.launched_at) and it.now < settled_at:
        because = "the agent has not written its state yet"
        return (*actions, Wait(settled_at, because=because))
    return (*actions, *_report(it, seen))


def _report(it: Situation, seen: NodeView) -> tuple[Action, ...]:
    if not seen.answers:
        because = seen.message or "the agent has not reported whether it answers"
        report = Report(CONNECTING, UNAVAILABLE, seen.message, because=because)
        return (report, rest(it))
    report = report_connected(it, seen.engine_id, seen.version)
    if seen.engine_id in ("", it.engine.status.engine_id):
        return (report, rest(it))
    reservation = it.sight.reservation
    if reservation is None or reservation.engine_id != seen.engine_id:
        because = "another engine answers"
        return (Reserve(seen.engine_id, because=because),)
    return (*replaced(it, seen.engine_id), report, rest(it))
