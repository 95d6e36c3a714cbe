"""A container engine in memory: `supervisor.runtime.base.Runtime` without Docker.

Rules
- It does nothing by itself: containers end when a test says so, or when stopped.
- It may do only what tests/contract/runtime proves of the real engine.
- Time is the given clock's. Nothing blocks but streams that are read.
"""

from tests.fakes.runtime.connection import FakeConnection
from tests.fakes.runtime.controls import Controls
from tests.fakes.runtime.images import FakeImages
from tests.fakes.runtime.inventory import FakeInventory
from tests.fakes.runtime.meter import FakeMeter
from tests.fakes.runtime.pods import FakePods
from tests.fakes.runtime.streams import FakeStreams
from tests.fakes.runtime.volumes import FakeVolumes


class FakeRuntime(
    FakeConnection,
    FakePods,
    FakeVolumes,
    FakeImages,
    FakeStreams,
    FakeInventory,
    FakeMeter,
    Controls,
):
    """A subclass that overrides `_call` sees every effect before it happens."""
