"""Node: a machine with a Docker engine, as its agent reports it.

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
    leave_new,
    leave_update,
    no_warnings,
)
from supervisor.kinds.describing.page import Page
from supervisor.kinds.describing.reader import Reader
from supervisor.kinds.identity import LEASE, NODE, POD
from supervisor.kinds.nodes import columns, description, validation
from supervisor.kinds.parts import status_of
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
        # The kubelet names its node by name where others use the uid.
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
    subresources=(status_of(NODE),),
    value_type=Node,
    schema="",
    writes=Writes(
        complete=complete,
        admit=leave_new,
        generation=False,
        # A node is created with its first status by the agent that it stands for.
        status=INITIAL_STATUS,
        prepare_create=leave_new,
        prepare_update=leave_update,
        prepare_status=leave_update,
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
