"""Labels that record what a container was created from; see `model/lineage`."""

STORE = "supervisor.store"
"""The identity of the store."""
SESSION = "supervisor.store-session"
REVISION = "supervisor.store-revision"
"""The resourceVersion of the pod that the container was created from."""
MANIFEST = "supervisor.pod-manifest"
"""Of a sandbox: its pod, packed by `agent/pods/origin`."""
