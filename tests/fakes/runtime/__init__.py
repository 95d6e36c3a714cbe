"""A container engine in memory, part by part as in `supervisor.runtime.base`."""

from tests.fakes.runtime.claims import FakeClaims
from tests.fakes.runtime.programs import Program
from tests.fakes.runtime.runtime import FakeRuntime
from tests.fakes.runtime.streams import FakeBytes

__all__ = ["FakeBytes", "FakeClaims", "FakeRuntime", "Program"]
