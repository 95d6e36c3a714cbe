"""A kind is one place: what is described once works everywhere, through real kubectl.

The kind Gizmo is defined in this file alone. It has an older version, a status of its
own, defaults, rules, selectable fields, columns and the category `all`.
"""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from supervisor.client.base import WriteOptions
from supervisor.client.events import EventRecorder
from supervisor.controllers.all import Settings, start_all
from supervisor.kinds import ignored
from supervisor.kinds.all import CATALOG
from supervisor.kinds.base import (
    ALL_VERBS,
    BACKGROUND,
    SEPARATE_STATUS,
    Kind,
    OldVersion,
    Rules,
    SelectableFields,
    Writes,
    no_change,
    no_create_change,
    no_update_change,
    no_warnings,
)
from supervisor.kinds.catalog import Catalog
from supervisor.kinds.columns import (
    AGE,
    NAME,
    Cell,
    Column,
    Printer,
    age_of,
    get,
    name_of,
)
from supervisor.kinds.describing import generic
from supervisor.kinds.identity import Identity
from supervisor.kinds.parts import check_metadata_update, status_subresource
from supervisor.machinery.clock import SystemClock
from supervisor.model import names
from supervisor.model.errors import invalid
from supervisor.model.meta import Object, ObjectMeta, Value
from supervisor.model.validation import metadata
from supervisor.model.validation.report import Errors
from tests.api_server import ApiServer, serving
from tests.daemon import command, kubectl_path

pytestmark = pytest.mark.kubectl

GIZMO = Identity("gizmos", "Gizmo", "toys.example.com")
_SCHEMA = """\
# Toys, for a test.
package com.example.toys.{version}
version toys.example.com/{version}

kind Gizmo list : A thing that turns.
  1 metadata ObjectMeta : Standard object metadata.
  2 spec GizmoSpec : How it is to turn.
  3 status GizmoStatus : How it turns.

type GizmoSpec : How a gizmo is to turn.
  1 {speed} int32 : Turns per second.
  2 color string : What color it has.
  3 parts []GizmoPart merge=name : What it is made of.
  4 secret string : Known, and not honoured.

type GizmoPart : A part of a gizmo.
  1 name! string : Its name.
  2 size int32 : Its size.

type GizmoStatus : How a gizmo turns.
  1 turns int64 : Number of turns.
"""


class GizmoPart(Value, frozen=True):
    name: str
    size: int = 0


class GizmoSpec(Value, frozen=True):
    speed: int = 1
    color: str = ""
    parts: tuple[GizmoPart, ...] = ()


class GizmoStatus(Value, frozen=True):
    turns: int = 0


class Gizmo(Value, frozen=True):
    metadata: ObjectMeta
    spec: GizmoSpec = GizmoSpec()
    status: GizmoStatus = msgspec.field(default_factory=GizmoStatus)


def _complete(gizmo: Object) -> None:
    spec = gizmo.setdefault("spec", {})
    spec.setdefault("speed", 1)
    spec["color"] = spec.get("color") or "red"


def _check(gizmo: Object) -> Errors:
    yield from metadata.check(
        gizmo["metadata"], namespaced=True, name_check=names.dns_subdomain
    )
    yield from _check_spec(gizmo)


def _check_update(new: Object, old: Object) -> Errors:
    yield from check_metadata_update(new, old)
    yield from _check_spec(new)


def _check_spec(gizmo: Object) -> Errors:
    speed = gizmo["spec"]["speed"]
    if speed < 0:
        yield invalid("spec.speed", speed, "must not be negative")


def _cells(gizmo: Object, now: float) -> list[Cell]:
    color, turns = get(gizmo, "spec.color"), get(gizmo, "status.turns", 0)
    return [name_of(gizmo), color, turns, age_of(gizmo, now)]


_COLOR = Column("Color", "Its color.")
_TURNS = Column("Turns", "Number of turns.", "integer")


def _renamed(before: str, after: str) -> Callable[[Object], None]:
    def rename(gizmo: Object) -> None:
        spec = gizmo.get("spec") or {}
        if before in spec:
            spec[after] = spec.pop(before)

    return rename


KIND = Kind(
    identity=GIZMO,
    short_names=("gz",),
    categories=("all",),
    verbs=ALL_VERBS,
    subresources=(status_subresource(GIZMO),),
    value_type=Gizmo,
    schema=_SCHEMA.format(version="v1", speed="speed"),
    writes=Writes(
        complete=_complete,
        admit=no_create_change,
        generation=True,
        status=SEPARATE_STATUS,
        prepare_create=no_create_change,
        prepare_update=no_update_change,
        prepare_status=no_update_change,
    ),
    rules=Rules(
        create=_check,
        update=_check_update,
        status=check_metadata_update,
        warnings=no_warnings,
        ignored=ignored.nothing,
    ),
    fields=SelectableFields(paths=frozenset({"spec.color"}), absent={}),
    deletion=replace(BACKGROUND, answers_object=True),
    columns=Printer(
        (
            NAME,
            Column("Color", "Its color."),
            Column("Turns", "Turns.", "integer"),
            AGE,
        ),
        _cells,
    ),
    describe=generic.describe,
    versions=(
        OldVersion(
            group="toys.example.com",
            version="v1alpha1",
            schema=_SCHEMA.format(version="v1alpha1", speed="rpm"),
            complete=no_change,
            to_stored=_renamed("rpm", "speed"),
            from_stored=_renamed("speed", "rpm"),
        ),
    ),
)

FAST = """\
apiVersion: toys.example.com/v1
kind: Gizmo
metadata: {name: fast}
spec:
  speed: 9
  parts: [{name: a, size: 1}, {name: b, size: 2}]
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API that serves the toy kind, with all controllers."""
    catalog = Catalog((*CATALOG.resources, KIND))
    clock = SystemClock()
    with serving(tmp_path_factory.mktemp("state"), catalog=catalog) as made:
        recorders: list[EventRecorder] = []

        def recorder_for(component: str) -> EventRecorder:
            recorders.append(EventRecorder(made.registry, clock, component))
            return recorders[-1]

        settings = Settings(catalog=catalog)
        running = start_all(made.registry, clock, recorder_for, settings)
        yield made
        for each in running:
            each.stop()
        for recorder in recorders:
            recorder.stop()
        clock.close()


@pytest.fixture
def kubectl(server: ApiServer) -> Iterator[Callable[..., str]]:
    """Run kubectl; its output. No gizmo is left behind."""

    def run(*words: str, text: str = "", fails: bool = False) -> str:
        done = command([kubectl_path(), *words], server.kubeconfig, input=text)
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return str(done.stderr if fails else done.stdout)

    yield run
    server.registry.delete_collection(GIZMO.resource, "default")


def test_it_is_created_with_defaults_and_shown(kubectl: Callable[..., str]) -> None:
    """Defaults, columns, short name, category and discovery."""
    assert "gizmo.toys.example.com/fast created" in kubectl(
        "create", "-f", "-", text=FAST
    )

    lines = [line.split() for line in kubectl("get", "gz").splitlines()]
    assert lines[0] == ["NAME", "COLOR", "TURNS", "AGE"]
    assert lines[1][:3] == ["fast", "red", "0"]
    assert "gizmo.toys.example.com/fast" in kubectl("get", "all", "-o", "name")
    assert "gizmos" in kubectl("api-resources", "--api-group=toys.example.com")


def test_what_is_wrong_with_it_is_told(kubectl: Callable[..., str]) -> None:
    """Unknown fields, wrong types and wrong values are refused by name."""
    unknown = FAST.replace("speed:", "spead:")
    wrong_type = FAST.replace("speed: 9", "speed: [9]")
    negative = FAST.replace("speed: 9", "speed: -9")

    assert "spead" in kubectl("create", "-f", "-", text=unknown, fails=True)
    assert "speed" in kubectl("create", "-f", "-", text=wrong_type, fails=True)
    assert "spec.speed: Invalid value: -9: must not be negative" in kubectl(
        "create", "-f", "-", text=negative, fails=True
    )


def test_a_field_that_is_not_honoured_is_warned_of(server: ApiServer) -> None:
    """The schema knows it, the typed value does not."""
    client = server.client()
    warnings: list[str] = []
    options = WriteOptions(warnings=warnings)
    body = GIZMO.head | {"metadata": {"name": "w"}, "spec": {"secret": "x"}}
    client.create(GIZMO.resource, body, "default", options)

    assert warnings == ["spec.secret: not supported, ignored"]
    client.delete(GIZMO.resource, "w", "default")


def test_it_is_applied_and_patched(kubectl: Callable[..., str]) -> None:
    """Lists merge by the key that the schema names."""
    kubectl("apply", "-f", "-", text=FAST)
    changed = FAST.replace("{name: a, size: 1}, ", "").replace("size: 2", "size: 3")
    assert "configured" in kubectl("apply", "-f", "-", text=changed)
    kubectl("patch", "gz", "fast", "--type=merge", "-p", '{"spec":{"color":"blue"}}')
    kubectl("patch", "gz", "fast", "-p", '{"spec":{"parts":[{"name":"c"}]}}')

    found = json.loads(kubectl("get", "gz", "fast", "-o", "json"))
    assert found["spec"]["color"] == "blue"
    assert [part["name"] for part in found["spec"]["parts"]] == ["b", "c"]
    assert found["metadata"]["generation"] == 4


def test_it_is_selected_by_its_field(kubectl: Callable[..., str]) -> None:
    """And by no field that it does not name."""
    kubectl("create", "-f", "-", text=FAST)

    assert "fast" in kubectl("get", "gz", "--field-selector=spec.color=red")
    assert kubectl("get", "gz", "--field-selector=spec.color=blue") == ""
    assert "field label not supported: spec.speed" in kubectl(
        "get", "gz", "--field-selector=spec.speed=9", fails=True
    )


def test_it_is_described_and_explained(kubectl: Callable[..., str]) -> None:
    """kubectl describes what it does not know by all its fields."""
    kubectl("create", "-f", "-", text=FAST)

    assert "Speed:" in kubectl("describe", "gz", "fast")
    assert "Turns per second." in kubectl("explain", "gizmo.spec.speed")


def test_it_is_watched(server: ApiServer, kubectl: Callable[..., str]) -> None:
    """kubectl prints each change."""
    watching = subprocess.Popen(
        [kubectl_path(), "get", "gz", "-w", "--no-headers"],
        stdout=subprocess.PIPE,
        text=True,
        env={
            "KUBECONFIG": str(server.kubeconfig),
            "HOME": str(server.kubeconfig.parent),
        },
    )
    try:
        kubectl("create", "-f", "-", text=FAST)
        assert watching.stdout is not None
        assert watching.stdout.readline().startswith("fast")
    finally:
        watching.terminate()
        watching.communicate()


def test_its_status_is_written_apart(
    kubectl: Callable[..., str], tmp_path: Path
) -> None:
    """A write of the object keeps the status, and the other way round."""
    kubectl("create", "-f", "-", text=FAST)
    path = "/apis/toys.example.com/v1/namespaces/default/gizmos/fast"
    found = json.loads(kubectl("get", "--raw", path))
    found["status"] = {"turns": 7}
    found["spec"]["color"] = "green"
    file = tmp_path / "gizmo.json"
    file.write_text(json.dumps(found))
    kubectl("replace", "--raw", f"{path}/status", "-f", str(file))

    found = json.loads(kubectl("get", "--raw", path))
    assert (found["status"], found["spec"]["color"]) == ({"turns": 7}, "red")


def test_it_is_collected_with_its_owner(
    kubectl: Callable[..., str], server: ApiServer
) -> None:
    """Owners are found in older versions, too."""
    kubectl("create", "-f", "-", text=FAST)
    owner = server.registry.get(GIZMO.resource, "fast", "default")
    reference = {
        "apiVersion": "toys.example.com/v1alpha1",
        "kind": "Gizmo",
        "name": "fast",
        "uid": owner["metadata"]["uid"],
    }
    owned = {"name": "owned", "ownerReferences": [reference]}
    server.registry.create("configmaps", _config_map(owned), "default")
    kubectl("delete", "gz", "fast")

    assert _within_seconds(
        10, lambda: "owned" not in kubectl("get", "cm", "-o", "name")
    )


def test_its_older_version_is_converted(kubectl: Callable[..., str]) -> None:
    """Written and read in both, stored in one; a patch is in its path's version."""
    old = "gizmos.v1alpha1.toys.example.com"
    manifest = FAST.replace("/v1", "/v1alpha1").replace("speed: 9", "rpm: 9")
    kubectl("create", "-f", "-", text=manifest)
    kubectl("patch", old, "fast", "--type=merge", "-p", '{"spec":{"rpm":12}}')

    stored = json.loads(kubectl("get", "gz", "fast", "-o", "json"))
    shown = json.loads(kubectl("get", old, "fast", "-o", "json"))
    assert stored["spec"]["speed"] == 12
    assert (shown["apiVersion"], shown["spec"]["rpm"]) == (
        "toys.example.com/v1alpha1",
        12,
    )
    assert "speed" not in shown["spec"]


def _config_map(metadata_: Object) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata_}


def _within_seconds(seconds: float, holds: Callable[[], bool]) -> bool:
    pause = threading.Event()
    for _ in range(int(seconds / 0.2)):
        if holds():
            return True
        pause.wait(0.2)
    return False
