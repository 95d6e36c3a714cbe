"""The contract of a container engine, composed of smaller contracts.

Rules
- Labels mark what is ours and record its history: the engine is the only home of facts
  about containers, dead ones included.
- A runtime touches only what carries its own cluster's and node's labels; of everything
  else it sees only what `labelled` returns.
- Every call has a timeout and raises EngineUnavailable when the engine is unreachable
  or does not answer.
- Labels and names follow dockershim's, so that log shippers and monitoring tools know
  them.
- All methods may be called from any thread.

The contract tests in tests/contract/runtime run on the fake and on real engines.
"""

from typing import Protocol

from supervisor.runtime.base.connection import EngineConnection
from supervisor.runtime.base.images import Images
from supervisor.runtime.base.inventory import Inventory
from supervisor.runtime.base.meter import Meter
from supervisor.runtime.base.pods import Pods
from supervisor.runtime.base.streams import Streams
from supervisor.runtime.base.volumes import Volumes


class Runtime(
    EngineConnection, Pods, Volumes, Images, Streams, Inventory, Meter, Protocol
):
    """An engine as the agent needs it. Code that needs one part takes that part."""
