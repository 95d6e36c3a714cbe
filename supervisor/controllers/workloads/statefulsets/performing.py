"""Carry out the actions of a StatefulSet's plan.

Rules
- A pod is created after its claims, so that it never waits for one that nobody makes.
- What has vanished meanwhile needs no deletion.

Follows pkg/controller/statefulset/stateful_pod_control.go.
"""

from collections.abc import Callable, Mapping

from supervisor.client.base import Client, DeleteOptions
from supervisor.client.events import EventRecorder
from supervisor.controllers.workloads.statefulsets import identity
from supervisor.controllers.workloads.statefulsets.plan import (
    Action,
    CreateClaims,
    CreatePod,
    DeletePod,
    LabelPod,
)
from supervisor.kinds.identity import PERSISTENT_VOLUME_CLAIM, POD
from supervisor.model.errors import ApiError, is_namespace_terminating
from supervisor.model.meta import Object


class Performer:
    def __init__(self, client: Client, recorder: EventRecorder) -> None:
        self._client = client
        self._recorder = recorder

    def perform(
        self, owner: Object, action: Action, templates: Mapping[str, Object]
    ) -> None:
        """`templates` are the pod templates by revision. Raises ApiError."""
        namespace = owner["metadata"]["namespace"]
        match action:
            case CreatePod():
                template = templates[action.revision]
                self._create(owner, action, template)
            case DeletePod():
                options = DeleteOptions(uid=action.uid)
                self._tell_of_pod(
                    owner,
                    "delete",
                    action.name,
                    lambda: self._client.delete(
                        POD.resource, action.name, namespace, options
                    ),
                )
            case LabelPod():
                meta = {"uid": action.uid, "labels": identity.labels_of(action.name)}
                self._client.patch(
                    POD.resource, action.name, namespace, {"metadata": meta}
                )
            case CreateClaims():
                self._create_claims(owner, action.name)

    def _create(self, owner: Object, action: CreatePod, template: Object) -> None:
        pod = identity.pod_of(owner, template, action.ordinal, action.revision)
        meta = pod["metadata"]
        self._create_claims(owner, meta["name"])
        self._tell_of_pod(
            owner,
            "create",
            meta["name"],
            lambda: self._client.create(POD.resource, pod, meta["namespace"]),
        )

    def _create_claims(self, owner: Object, pod_name: str) -> None:
        belongs = f"Pod {pod_name} in StatefulSet {owner['metadata']['name']}"
        for claim in identity.claims_of(owner, pod_name):
            meta = claim["metadata"]
            text = f"create Claim {meta['name']} {belongs}"
            try:
                self._client.create(
                    PERSISTENT_VOLUME_CLAIM.resource, claim, meta["namespace"]
                )
            except ApiError as error:
                if error.reason == "AlreadyExists":
                    continue
                self._fail(owner, "create", text, error)
                raise
            self._succeed(owner, "create", f"{text} success")

    def _tell_of_pod(
        self, owner: Object, verb: str, name: str, act: Callable[[], object]
    ) -> None:
        text = f"{verb} Pod {name} in StatefulSet {owner['metadata']['name']}"
        try:
            act()
        except ApiError as error:
            if verb == "delete" and error.code in (404, 409):
                return
            self._fail(owner, verb, text, error)
            raise
        self._succeed(owner, verb, f"{text} successful")

    def _succeed(self, owner: Object, verb: str, text: str) -> None:
        self._recorder.record(owner, "Normal", f"Successful{verb.title()}", text)

    def _fail(self, owner: Object, verb: str, text: str, error: ApiError) -> None:
        if error.reason == "AlreadyExists" or is_namespace_terminating(error):
            return
        message = f"{text} failed error: {error}"
        self._recorder.record(owner, "Warning", f"Failed{verb.title()}", message)
