"""Labels that say what a container was made from; `model/lineage` has their meaning."""

STORE = "supervisor.store"
"""The identity of the store."""
SESSION = "supervisor.store-session"
REVISION = "supervisor.store-revision"
"""The resourceVersion of the pod that the container was made from."""
MANIFEST = "supervisor.pod-manifest"
"""Of a sandbox: its pod, as `agent/pods/origin` packs it."""
