"""The kind Engine: a Docker engine that is a node, and how to reach it.

Everything that is known of a node's engine stands here; the Node of the same name is
what its agent reports. Ours, with no counterpart upstream.
"""

import msgspec

from supervisor.model.meta import Condition, Object, ObjectMeta, Value, build
from supervisor.model.system_namespaces import SYSTEM

FINALIZER = "supervisor.io/engine"
"""Holds a deleted Engine until nothing of ours is left on the engine."""
SOURCE = "supervisor.io/source"
"""Annotation that says where an Engine comes from, if not from a user."""
FROM_CONFIGURATION = "configuration"
FORCE_REMOVAL = "supervisor.io/force-removal"
"""Annotation: a deleted Engine that cannot be reached is given up after a time."""
TAKE_OVER = "supervisor.io/take-over"
"""Annotation: take the engine over from the store with this identity, or `true` for
whichever has it."""
SECRET_NAMESPACE = SYSTEM
TLS_KEYS = ("ca.crt", "tls.crt", "tls.key")
TLS_FILES = ("caFile", "certFile", "keyFile")
SSH_KEYS = ("ssh-privatekey", "known_hosts")
"""Of a Secret, as in those of type kubernetes.io/ssh-auth."""
REACH_MODES = ("Auto", "Direct", "Published", "Tunnel")
DEFAULT_NETWORK = "bridge"

CONNECTING = "Connecting"
CONNECTED = "Connected"
REFUSED = "Refused"


class EngineTls(Value, frozen=True):
    secret_name: str = ""
    """A Secret in kube-system with ca.crt, tls.crt and tls.key."""
    ca_file: str = ""
    """Files of the daemon's machine, in place of a Secret; see `named_files`."""
    cert_file: str = ""
    key_file: str = ""


class EngineSsh(Value, frozen=True):
    secret_name: str = ""
    """A Secret in kube-system with ssh-privatekey and known_hosts."""


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
    """A file of the daemon's machine, in place of its user's; see `named_files`."""
    ssh: EngineSsh | None = None


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
    def is_configured(self) -> bool:
        """Whether it says that it comes from the settings; only they can prove it."""
        return (self.metadata.annotations or {}).get(SOURCE) == FROM_CONFIGURATION

    @property
    def secret_names(self) -> frozenset[str]:
        """Secrets that hold what the daemon needs to reach the engine."""
        given = (self.spec.tls, self.spec.ssh)
        return frozenset(g.secret_name for g in given if g and g.secret_name)

    @property
    def is_being_deleted(self) -> bool:
        return self.metadata.deletion_timestamp is not None


build(globals())


def named_files(spec: Object) -> dict[str, str]:
    """The files of the daemon's machine that a spec names, by field.

    Who writes Engines need not be who may read the daemon's files, and a configuration
    of ssh holds commands. So the settings alone name paths; an Engine names a file of
    the folder that the settings give (`engineFiles`). Paths in Engines that an earlier
    version has stored count until the next version.
    """
    tls = spec.get("tls") or {}
    given = {f"tls.{name}": tls.get(name) for name in TLS_FILES}
    given["sshConfig"] = spec.get("sshConfig")
    return {field: str(name) for field, name in given.items() if name}
