"""The kind Engine: a Docker engine that is a node, and how to reach it.

Everything that is known of a node's engine stands here; the Node of the same name is
what its agent reports. Ours, with no counterpart upstream.
"""

import msgspec

from supervisor.model.meta import Condition, ObjectMeta, Value, build

ENGINES = "engines.supervisor.io"
API_VERSION = "supervisor.io/v1"
KIND = "Engine"
FINALIZER = "supervisor.io/engine"
"""Holds a deleted Engine until nothing of ours is left on the engine."""
SOURCE = "supervisor.io/source"
"""Annotation that says where an Engine comes from, if not from a user."""
FROM_CONFIGURATION = "configuration"
FORCE_REMOVAL = "supervisor.io/force-removal"
"""Annotation: a deleted Engine that cannot be reached is given up after a time."""
SECRET_NAMESPACE = "kube-system"
TLS_KEYS = ("ca.crt", "tls.crt", "tls.key")
REACHES = ("Auto", "Direct", "Published", "Tunnel")
DEFAULT_NETWORK = "bridge"

CONNECTING = "Connecting"
CONNECTED = "Connected"
REFUSED = "Refused"


class EngineTls(Value, frozen=True):
    secret_name: str = ""
    """A Secret in kube-system with ca.crt, tls.crt and tls.key."""
    ca_file: str = ""
    """Paths on the daemon's machine, in place of a Secret."""
    cert_file: str = ""
    key_file: str = ""


class EngineSpec(Value, frozen=True):
    endpoint: str = ""
    network: str = DEFAULT_NETWORK
    labels: dict[str, str] | None = None
    """Of the node."""
    tls: EngineTls | None = None
    insecure: bool = False
    """Plain tcp is wanted."""
    reach: str = "Auto"
    publish_address: str = ""
    ssh_config: str = ""
    """Path on the daemon's machine, of what is used in place of its user's."""


class EngineStatus(Value, frozen=True):
    phase: str = ""
    message: str = ""
    engine_id: str = msgspec.field(default="", name="engineID")
    engine_version: str = ""
    conditions: tuple[Condition, ...] = ()
    observed_generation: int = 0
    """The generation of the spec that all this is about."""


class Engine(Value, frozen=True):
    metadata: ObjectMeta
    spec: EngineSpec = EngineSpec()
    status: EngineStatus = EngineStatus()

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def is_leaving(self) -> bool:
        return self.metadata.deletion_timestamp is not None


build(globals())
