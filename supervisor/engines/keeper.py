"""Look after one Engine: connect to it, run its agent, and in the end clear it out.

Rules
- Each Engine has a thread of its own here, in which alone its engine is touched: a
  hanging engine delays nobody else.
- No agent runs before the engine has said who it is, and that it is nobody else's.
- What the Engine says decides; its status only tells, but for the identity of the
  engine, which is remembered there.
"""

import logging
import threading

from supervisor.client.node import NodeConnection
from supervisor.client.unreadable import UnreadableReporter
from supervisor.engines import node_labels
from supervisor.engines.access import Access
from supervisor.engines.accesses import Unusable
from supervisor.engines.agents import Connected, NodeAgent
from supervisor.engines.connecting import (
    MAX_RETRY_SECONDS,
    Attempts,
    CannotConnect,
)
from supervisor.engines.identity import Identity
from supervisor.engines.node_view import NodeView, view
from supervisor.engines.owner import CannotOwn
from supervisor.engines.reports import Report
from supervisor.engines.shared import Shared
from supervisor.kinds.identity import ENGINE, NODE
from supervisor.machinery.controller import Controller
from supervisor.model import endpoint
from supervisor.model.engine import CONNECTED, CONNECTING, REFUSED, Engine
from supervisor.model.errors import ApiError
from supervisor.model.meta import Object, decode
from supervisor.runtime.base import RuntimeFailure
from supervisor.runtime.ownership import CONFIRM_SECONDS

_FILES_SECONDS = 30.0
"""How often files that lead to an engine are looked at for a change."""
_SETTLING_SECONDS = 15.0
"""How long the Node's state of before is not taken for the new agent's."""
_REMOVAL_SECONDS = 1.0
_CONFIRM = "whose it is"
"""Key of the look at the engine's claim; no name of a node has a space."""
_log = logging.getLogger(__name__)


class Keeper:
    def __init__(
        self, name: str, shared: Shared, after: "Keeper | None" = None
    ) -> None:
        """`after` is the keeper of an earlier Engine of that name, still ending."""
        self.name = name
        self._shared = shared
        self._after = after
        self._clock = shared.clock
        self._client = shared.client
        self._telling = UnreadableReporter(shared.client, "engine-controller")
        self._lock = threading.Lock()
        self._stopping = False
        self._node: NodeAgent | None = None
        self._launched_at = 0.0
        #: What `_node` was started with.
        self._access: Access | None = None
        self._labels: dict[str, str] = {}
        self._attempts = Attempts(lambda access: shared.factory.open(name, access))
        self._identity = Identity(name, shared, self._attempts, self._tell)
        #: Whether nothing of the Engine is left to be cleared up.
        self._is_finished = False
        self._ending: threading.Thread | None = None
        self._controller: Controller[str] = Controller(
            f"engine-{name}", self._reconcile, self._clock, expected=(ApiError,)
        )

    @property
    def connection(self) -> NodeConnection | None:
        node = self._node
        return node.connection if node is not None else None

    @property
    def trouble(self) -> str:
        """Why there is no connection."""
        return self._attempts.trouble

    @property
    def is_refused(self) -> bool:
        failure = self._attempts.failure
        return failure is not None and failure.phase == REFUSED

    def start(self) -> None:
        self._controller.start()
        self.wake()

    def step(self) -> bool:
        """Look once in the caller's thread, if there is a reason; whether there was."""
        return self._controller.step()

    def wake(self) -> None:
        self._controller.wake(self.name)

    def retry(self) -> None:
        """Try to connect again now."""
        self._attempts.hurry()
        self.wake()

    def stop(self, timeout: float) -> None:
        """Containers go on running. What does not end within `timeout` seconds is left
        behind: a call to an engine that hangs cannot be ended from outside.
        """
        with self._lock:
            self._stopping = True
        self._controller.stop(timeout / 4)
        self._attempts.close()
        if self._node is not None:
            self._node.stop(timeout / 2)

    def end(self) -> None:
        """The Engine is gone: clear up, in the background."""
        self._ending = threading.Thread(
            target=self._end, name=f"engine-{self.name}-end", daemon=True
        )
        self._ending.start()

    def _end(self) -> None:
        self._controller.stop(timeout=60)
        self._attempts.close()
        if self._is_finished:
            return
        # Its finalizer was taken away: pods go by pod-gc, containers stay.
        self._halt()
        self._shared.accesses.forget(self.name)
        self._shared.removal.erase(self.name)

    def _join(self) -> None:
        if self._ending is not None:
            self._ending.join()

    # -- one look
    def _reconcile(self, key: str) -> float | None:
        if key == _CONFIRM:
            return self._confirm()
        if self._after is not None:
            self._after._join()
            self._after = None
        try:
            obj = self._client.get(ENGINE.resource, self.name)
        except ApiError as error:
            if error.code == 404:
                return None
            raise
        read = self._telling.decode(ENGINE.resource, Engine, obj)
        if read is None:
            # Somebody has to change it, which wakes us.
            return None
        obj, engine = read
        if engine.is_being_deleted:
            return self._leave(obj, engine)
        return self._keep(obj, engine)

    def _keep(self, obj: Object, engine: Engine) -> float | None:
        try:
            access = self._shared.accesses.of(engine)
        except Unusable as error:
            return self._without_access(obj, error)
        if self._node is not None and access == self._access:
            return self._watch(obj, engine, self._node)
        if self._node is not None:
            _log.info("engine %s: the way to it has changed", self.name)
            self._halt()
        return self._begin(obj, engine, access)

    def _without_access(self, obj: Object, error: Unusable) -> float:
        phase = CONNECTING if self._node is None else CONNECTED
        if self._node is None:
            self._say_placeholder(obj, CannotConnect(phase, error.reason, str(error)))
        self._say(obj, Report(phase, error.reason, str(error)))
        return self._clock.now() + MAX_RETRY_SECONDS

    def _begin(self, obj: Object, engine: Engine, access: Access) -> float | None:
        wait_until = self._attempts.wait_until(access, self._clock.now())
        if wait_until is not None and not self._identity.is_new_order(engine):
            return wait_until
        try:
            made = self._identity.connect(obj, engine, access)
        except CannotConnect as error:
            return self._failed(obj, error)
        self._launch(obj, engine, access, made)
        return self._again_for_files(engine)

    def _failed(self, obj: Object, error: CannotConnect) -> float:
        if str(error) != self.trouble:
            _log.warning("engine %s: %s", self.name, error)
        again_at = self._attempts.failed(error, self._clock.now())
        self._say_placeholder(obj, error)
        holder = error.holder if isinstance(error, CannotOwn) else None
        report = Report(error.phase, error.reason, str(error), owner=holder)
        self._say(obj, report)
        return again_at

    # -- whose it is
    def _confirm(self) -> float | None:
        """Look whether the engine is still ours, while an agent works there."""
        if self._node is None:
            return None
        trouble = self._identity.trouble
        try:
            self._identity.confirm()
        except CannotOwn as error:
            self._halt()
            again_at = self._failed(self._client.get(ENGINE.resource, self.name), error)
            self._controller.wake_at(self.name, again_at)
            return None
        except RuntimeFailure:
            pass  # the agent tells that the engine is away
        if self._identity.trouble != trouble:
            self.wake()
        return self._clock.now() + CONFIRM_SECONDS

    # -- the agent
    def _launch(
        self, obj: Object, engine: Engine, access: Access, made: Connected
    ) -> None:
        spec = engine.spec
        self._labels = dict(spec.labels or {})
        node = self._shared.factory.make(engine, made)
        with self._lock:
            if self._stopping:
                made.runtime.close()
                return
            self._node, self._access = node, access
            self._launched_at = self._clock.now()
            node.start()
        self._controller.wake(_CONFIRM)
        info = made.info
        _log.info("engine %s: the agent of %s runs", spec.endpoint, self.name)
        self._say(obj, self._identity.report(info.id, info.version))
        if endpoint.parse(spec.endpoint).scheme == "tcp" and access.tls is None:
            text = f"{spec.endpoint} is not protected: whoever reaches it is root there"
            _log.warning("engine %s: %s", self.name, text)
            self._tell(obj, "Warning", "EngineInsecure", text)
        if access.deprecated:
            _log.warning("engine %s: %s", self.name, access.deprecated)
            self._tell(obj, "Warning", "EngineNamesPaths", access.deprecated)

    def _halt(self) -> None:
        """Stop the agent; its containers go on."""
        with self._lock:
            node, self._node, self._access = self._node, None, None
        if node is not None:
            node.stop()
        self._identity.let_go()

    def _watch(self, obj: Object, engine: Engine, running: NodeAgent) -> float | None:
        """Have the Engine tell what the agent reports of the node."""
        labels = dict(engine.spec.labels or {})
        if labels != self._labels:
            self._labels = labels
            running.relabel(labels)
        node = self._node_object()
        if node is None:
            return self._again_for_files(engine)
        if (patch := node_labels.patch(node, labels)) is not None:
            self._client.patch(NODE.resource, self.name, "", patch)
        seen = view(node)
        is_old = seen.heartbeat_at < int(self._launched_at)
        settled_at = self._launched_at + _SETTLING_SECONDS
        if is_old and self._clock.now() < settled_at:
            return settled_at
        try:
            self._tell_of(obj, engine, seen)
        except CannotConnect as error:
            self._halt()
            return self._failed(obj, error)
        return self._again_for_files(engine)

    def _tell_of(self, obj: Object, engine: Engine, seen: NodeView) -> None:
        """Raises CannotConnect if the engine has become one that is another's."""
        if seen.answers:
            if seen.engine_id not in ("", engine.status.engine_id):
                self._identity.check(obj, engine, seen.engine_id)
            report = self._identity.report(seen.engine_id, seen.version)
        else:
            report = Report(CONNECTING, "EngineUnavailable", seen.message)
        self._say(obj, report)

    def _again_for_files(self, engine: Engine) -> float | None:
        tls = engine.spec.tls
        has_files = engine.spec.ssh_config or (tls is not None and not tls.secret_name)
        return self._clock.now() + _FILES_SECONDS if has_files else None

    def _node_object(self) -> Object | None:
        try:
            return self._client.get(NODE.resource, self.name)
        except ApiError as error:
            if error.code == 404:
                return None
            raise

    # -- the end
    def _leave(self, obj: Object, engine: Engine) -> float | None:
        removal = self._shared.removal
        was_ours = engine.status.engine_id and engine.status.phase != REFUSED
        if was_ours and not self._is_finished and not self._identity.is_anothers:
            if self._node is None:
                self._reconnect(obj, engine)
            waits, trouble = removal.clear(self.name, self._node, self.trouble)
            if waits and not removal.is_given_up(engine, trouble):
                phase = CONNECTING if trouble else CONNECTED
                self._say(obj, Report(phase, "Removing", waits))
                return self._clock.now() + _REMOVAL_SECONDS
        self._identity.give_up()
        self._halt()
        self._shared.accesses.forget(self.name)
        self._is_finished = True
        removal.finish(self._client.get(ENGINE.resource, self.name))
        self._tell(obj, "Normal", "EngineRemoved", f"node {self.name} is removed")
        return None

    def _reconnect(self, obj: Object, engine: Engine) -> None:
        """Have an agent that can end the pods, if the engine answers."""
        try:
            access = self._shared.accesses.of(engine)
        except Unusable as error:
            unusable = CannotConnect(CONNECTING, error.reason, str(error))
            self._attempts.failed(unusable, self._clock.now())
            return
        if self._attempts.wait_until(access, self._clock.now()) is not None:
            return
        try:
            made = self._identity.connect(obj, engine, access)
        except CannotConnect as error:
            self._attempts.failed(error, self._clock.now())
            return
        self._launch(obj, engine, access, made)

    # -- telling
    def _say_placeholder(self, obj: Object, error: CannotConnect) -> None:
        """Have the Node say what its agent would."""
        if not self._stopping:
            self._shared.placeholder_node.say(decode(Engine, obj), error)

    def _say(self, obj: Object, report: Report) -> None:
        if not self._stopping:
            self._shared.reports.say(obj, report)

    def _tell(self, obj: Object, kind: str, reason: str, text: str) -> None:
        """An event of the Engine, and of its Node if there is one."""
        self._shared.reports.event(obj, kind, reason, text)
        node = self._node_object()
        if node is not None:
            self._shared.reports.event(node, kind, reason, text)
