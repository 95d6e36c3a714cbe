"""Performs the actions of plans for one engine, and logs each.

Rules
- Nothing else acts on an engine, except that the end of the daemon stops all agents.
- An action is one step: one call, or one change of the keeper's memory. It decides
  nothing; what it finds out is remembered, and the next plan decides.
- An exception ends the look. The keeper looks again, and the next plan finds what is
  missing.
"""

from collections.abc import Callable
from contextlib import suppress

from supervisor.engines.action_log import ActionLog
from supervisor.engines.failure import CannotConnect
from supervisor.engines.memory import Memory
from supervisor.engines.observing import Observed
from supervisor.engines.plan import actions
from supervisor.engines.plan.actions import Action
from supervisor.engines.plan.sight import Agent, Confirmation, Link, Reservation
from supervisor.engines.shared import Shared
from supervisor.kinds.identity import ENGINE, NODE
from supervisor.model.engine import TAKE_OVER
from supervisor.model.errors import ApiError
from supervisor.runtime.base import RuntimeFailure


class Performer:
    """`look` and `confirm` wake the keeper: for a plan, or to confirm its claim."""

    def __init__(
        self,
        name: str,
        shared: Shared,
        memory: Memory,
        look: Callable[[], None],
        confirm: Callable[[], None],
    ) -> None:
        self._name = name
        self._shared = shared
        self._memory = memory
        self._look = look
        self._confirm = confirm
        self._log = ActionLog(name)

    def perform(self, action: Action, seen: Observed | None) -> None:
        """`seen` is what the action was planned from; None if without the Engine.

        Raises ApiError.
        """
        has_changed = self._on_engine(action, seen) or self._on_agent(action, seen)
        has_changed = has_changed or self._on_node(action)
        if seen is not None:
            has_changed = has_changed or self._on_api(action, seen)
        self._log.add(action, has_changed=has_changed)

    # -- the engine; each returns whether something has changed
    def _on_engine(self, action: Action, seen: Observed | None) -> bool:
        match action:
            case actions.Connect():
                self._connect(action)
            case actions.Reserve() if seen is not None:
                others = self._shared.engines()
                holder = self._shared.claims.take(seen.engine, action.engine_id, others)
                self._memory.reservation = Reservation(action.engine_id, holder)
            case actions.TakeClaim():
                self._take_claim(action)
            case actions.ConfirmClaim():
                self._confirm_claim()
            case actions.ReleaseClaim():
                return self._memory.owner.release()
            case actions.RecordFailure():
                self._memory.attempts.failed(action.failure, self._now())
            case actions.Disconnect():
                self.disconnect()
            case _:
                return False
        return True

    def _connect(self, action: actions.Connect) -> None:
        memory = self._memory
        try:
            made = memory.attempts.connect(action.access)
        except CannotConnect as error:
            memory.attempts.failed(error.failure, self._now())
            return
        memory.connected = made
        memory.link = Link(action.access, made.info.id, made.info.version)

    def _take_claim(self, action: actions.TakeClaim) -> None:
        memory = self._memory
        if memory.connected is None or memory.link is None:
            return
        try:
            memory.connected = memory.owner.take(action.order, memory.connected)
        except CannotConnect as error:
            memory.last_order = action.order
            memory.link = memory.link.refused(error.failure)
        else:
            memory.link = memory.link.claimed()
            # Should a later call fail, the pause after a refusal must not apply.
            memory.attempts.hurry()

    def _confirm_claim(self) -> None:
        owner = self._memory.owner
        before, loss = owner.trouble, None
        with suppress(RuntimeFailure):  # the agent reports that it does not answer
            loss = owner.confirm()
        is_changed = owner.trouble != before
        self._memory.confirmation = Confirmation(loss, is_changed)

    def disconnect(self) -> None:
        """Close the link, if there is one."""
        memory = self._memory
        made, memory.connected, memory.link = memory.connected, None, None
        if made is not None:
            self._let_go()
            made.runtime.close()

    def _let_go(self) -> None:
        """End what an agent needs: the reservation, and the use of the claim."""
        self._memory.reservation = None
        self._memory.owner.drop()
        self._shared.claims.release(self._name)

    # -- the agent
    def _on_agent(self, action: Action, seen: Observed | None) -> bool:
        match action:
            case actions.Launch() if seen is not None:
                self._launch(action, seen)
            case actions.Halt():
                agent = self._memory.take_agent()
                if agent is not None:
                    agent.stop()
                self._let_go()
                return agent is not None
            case actions.RelabelAgent():
                labels = dict(action.labels)
                self._memory.relabelled(labels)
                if self._memory.agent is not None:
                    self._memory.agent.relabel(labels)
            case actions.LookAgain():
                self._look()
            case _:
                return False
        return True

    def _launch(self, action: actions.Launch, seen: Observed) -> None:
        memory = self._memory
        made, link = memory.connected, memory.link
        if made is None or link is None:
            return
        memory.attempts.succeeded()
        agent = self._shared.factory.make(seen.engine, made)
        launched = Agent(link.access, dict(action.labels), self._now())
        if memory.put_agent(agent, launched):
            self._confirm()
        else:
            self.disconnect()

    # -- the API
    def _on_api(self, action: Action, seen: Observed) -> bool:
        """Nothing is reported while the daemon stops: engines do not fail then."""
        if self._memory.is_stopping and isinstance(action, _REPORTS):
            return False
        match action:
            case actions.Report():
                return self._shared.reports.write(seen.obj, action)
            case actions.ReportFailure(failure=failure):
                report = actions.Report(
                    failure.phase,
                    failure.reason,
                    failure.message,
                    owner=failure.owner,
                    because=action.because,
                )
                self._shared.reports.write(seen.obj, report)
                self._memory.attempts.is_reported = True
            case actions.ShowPlaceholder():
                return self._shared.placeholder_node.show(seen.engine, action.failure)
            case actions.RecordEvent():
                self._record_event(action, seen)
            case actions.NoteTakeover():
                self._shared.taken_over()
            case actions.RemoveOrder():
                patch = {"metadata": {"annotations": {TAKE_OVER: None}}}
                self._shared.client.patch(ENGINE.resource, self._name, "", patch)
            case _:
                return False
        return True

    def _record_event(self, action: actions.RecordEvent, seen: Observed) -> None:
        reports, because = self._shared.reports, action.because
        reports.event(seen.obj, action.type, action.reason, because)
        try:
            node = self._shared.client.get(NODE.resource, self._name)
        except ApiError as error:
            if error.code != 404:
                raise
        else:
            reports.event(node, action.type, action.reason, because)

    def _on_node(self, action: Action) -> bool:
        removal = self._shared.removal
        match action:
            case actions.PatchNodeLabels(patch=patch):
                self._shared.client.patch(NODE.resource, self._name, "", patch)
            case actions.Cordon():
                removal.cordon(self._name)
            case actions.DeletePod():
                removal.delete_pod(action.namespace, action.name, action.uid)
            case actions.ForgetFiles():
                self._shared.accesses.forget(self._name)
            case actions.EraseNode():
                removal.erase(self._name)
            case actions.FinishRemoval():
                # Should a call fail, the engine must not be connected again.
                self._memory.is_finished = True
                removal.finish(self._name)
            case _:
                return False
        return True

    def _now(self) -> float:
        return self._shared.clock.now()


_REPORTS = (actions.Report, actions.ReportFailure, actions.ShowPlaceholder)
