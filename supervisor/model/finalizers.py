"""Finalizers that Kubernetes itself gives a meaning.

Follows pkg/apis/core/helper/helpers.go (IsStandardFinalizerName).
"""

ORPHAN = "orphan"
"""Dependents lose their reference to the object before it goes."""
FOREGROUND = "foregroundDeletion"
"""The object waits for its dependents."""
NAMESPACE_CONTENT = "kubernetes"
"""In `spec` of a namespace: it waits until it is empty."""
STANDARD = (ORPHAN, FOREGROUND, NAMESPACE_CONTENT)
"""Those that need no domain in their name."""
