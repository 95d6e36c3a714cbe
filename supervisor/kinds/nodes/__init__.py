"""Node: a Docker engine as reported by its agent.

Follows pkg/registry/core/node/strategy.go.
"""

from supervisor.kinds import ignored
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    INITIAL_STATUS,
    Kind,
    Rules,
    SelectableFields,
    Writes,
    no_create_change,
    no_update_change,
    no_warnings,
)
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.identity import LEASE, NODE, POD
from supervisor.kinds.nodes import columns, description, validation
from supervisor.kinds.parts import status_subresource
from supervisor.model.kinds import Node
from supervisor.model.meta import Object
from supervisor.model.system_namespaces import NODE_LEASE


def complete(node: Object) -> None:
    status = node.get("status") or {}
    if status.get("capacity") and not status.get("allocatable"):
        status["allocatable"] = dict(status["capacity"])


def describe(page: Page, node: Object, reader: Reader) -> None:
    name = node["metadata"]["name"]
    fields = f"spec.nodeName={name},status.phase!=Succeeded,status.phase!=Failed"
    events = reader.events(node)
    if events is not None:
        # In its own events, the kubelet uses the name of the node as the uid.
        events = [*events, *(reader.events(node, uid=name) or ())]
    related = description.Related(
        lease=reader.get(LEASE, name, NODE_LEASE),
        pods=reader.list(POD, fields=fields),
        events=events,
    )
    description.describe(page, node, related)


KIND = Kind(
    identity=NODE,
    short_names=("no",),
    categories=(),
    verbs=ALL_VERBS,
    subresources=(status_subresource(NODE),),
    value_type=Node,
    schema="",
    writes=Writes(
        complete=complete,
        admit=no_create_change,
        generation=False,
        # The agent creates its Node with a status.
        status=INITIAL_STATUS,
        prepare_create=no_create_change,
        prepare_update=no_update_change,
        prepare_status=no_update_change,
    ),
    rules=Rules(
        create=validation.check,
        update=validation.check_update,
        status=validation.check_update,
        warnings=no_warnings,
        ignored=ignored.nothing,
    ),
    fields=SelectableFields(
        paths=frozenset({"spec.unschedulable"}), absent={"spec.unschedulable": "false"}
    ),
    deletion=BACKGROUND,
    columns=columns.PRINTER,
    describe=describe,
    versions=(),
)
