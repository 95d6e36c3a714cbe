"""Labels of the containers, volumes and networks that the supervisor creates.

The first five are dockershim's, so that log shippers and monitoring tools which know
them work here too. Labels are stored on the engine: names and meanings do not change.
"""

POD_NAME = "io.kubernetes.pod.name"
POD_NAMESPACE = "io.kubernetes.pod.namespace"
POD_UID = "io.kubernetes.pod.uid"
CONTAINER_NAME = "io.kubernetes.container.name"
CONTAINER_TYPE = "io.kubernetes.docker.type"
"""`podsandbox`, `container` or HELPER_TYPE."""
HELPER_TYPE = "helper"
"""The type of a short-lived container that does something for a pod and is no part of
it."""
HELPER = "supervisor.helper"
"""Of a helper: its purpose."""
CLUSTER = "supervisor.cluster"
NODE = "supervisor.node"
ATTEMPT = "supervisor.attempt"
"""Of a container: its restart count. Of a sandbox: the number of earlier sandboxes."""
BACKOFF_STEP = "supervisor.backoff-step"
SPEC_HASH = "supervisor.spec-hash"
SANDBOX = "supervisor.sandbox"
"""Of a container: the id of the sandbox whose network it shares."""

VOLUME = "supervisor.volume"
"""Of a Docker volume made for a PersistentVolume: its name."""
VOLUME_CLUSTER = "supervisor.volume.cluster"
"""The same label as CLUSTER would make it a leftover, which is removed."""

# Labels of a claim's container (claims.py).
CLAIM = "supervisor.claim"
"""Identity of the owner's store."""
CLAIM_NODE = "supervisor.claim.node"
CLAIM_HOST = "supervisor.claim.host"
CLAIM_TAKEN_FROM = "supervisor.claim.taken-from"
