"""The contract of a container engine: small protocols and the values they share."""

from supervisor.runtime.base.claims import Claim, EngineClaims
from supervisor.runtime.base.configs import (
    MIN_MEMORY_BYTES,
    ContainerConfig,
    PortBinding,
    SandboxConfig,
)
from supervisor.runtime.base.connection import (
    EngineConnection,
    EngineInfo,
    EventStream,
    Pulse,
    RuntimeEvent,
)
from supervisor.runtime.base.etc_files import HostsFile, ResolvConf
from supervisor.runtime.base.failures import (
    ClaimTaken,
    ContainerPaused,
    EngineRefused,
    EngineUnavailable,
    ImagePullFailed,
    MountRefused,
    MountUnsafe,
    NotFound,
    RuntimeFailure,
    SandboxLacks,
)
from supervisor.runtime.base.images import Image, Images
from supervisor.runtime.base.inventory import Inventory, Labelled, Sort, Whose
from supervisor.runtime.base.labels import (
    ATTEMPT,
    BACKOFF_STEP,
    CLAIM,
    CLAIM_HOST,
    CLAIM_NODE,
    CLAIM_TAKEN_FROM,
    CLUSTER,
    CONTAINER_NAME,
    CONTAINER_TYPE,
    HELPER_TYPE,
    NODE,
    POD_NAME,
    POD_NAMESPACE,
    POD_UID,
    SANDBOX,
    SPEC_HASH,
    VOLUME,
    VOLUME_CLUSTER,
)
from supervisor.runtime.base.meter import Meter
from supervisor.runtime.base.mount import DockerVolume, Mount
from supervisor.runtime.base.observed import ObservedContainer, ObservedPod, State
from supervisor.runtime.base.pods import Pods
from supervisor.runtime.base.runtime import Runtime
from supervisor.runtime.base.streams import ExecResult, Streams
from supervisor.runtime.base.volume_files import GROUP_READS, File, Files
from supervisor.runtime.base.volumes import Volumes

__all__ = [
    "ATTEMPT",
    "BACKOFF_STEP",
    "CLAIM",
    "CLAIM_HOST",
    "CLAIM_NODE",
    "CLAIM_TAKEN_FROM",
    "CLUSTER",
    "CONTAINER_NAME",
    "CONTAINER_TYPE",
    "GROUP_READS",
    "HELPER_TYPE",
    "MIN_MEMORY_BYTES",
    "NODE",
    "POD_NAME",
    "POD_NAMESPACE",
    "POD_UID",
    "SANDBOX",
    "SPEC_HASH",
    "VOLUME",
    "VOLUME_CLUSTER",
    "Claim",
    "ClaimTaken",
    "ContainerConfig",
    "ContainerPaused",
    "DockerVolume",
    "EngineClaims",
    "EngineConnection",
    "EngineInfo",
    "EngineRefused",
    "EngineUnavailable",
    "EventStream",
    "ExecResult",
    "File",
    "Files",
    "HostsFile",
    "Image",
    "ImagePullFailed",
    "Images",
    "Inventory",
    "Labelled",
    "Meter",
    "Mount",
    "MountRefused",
    "MountUnsafe",
    "NotFound",
    "ObservedContainer",
    "ObservedPod",
    "Pods",
    "PortBinding",
    "Pulse",
    "ResolvConf",
    "Runtime",
    "RuntimeEvent",
    "RuntimeFailure",
    "SandboxConfig",
    "SandboxLacks",
    "Sort",
    "State",
    "Streams",
    "Volumes",
    "Whose",
]
