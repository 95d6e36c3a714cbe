"""THE VERBS: Kubernetes REST over the store."""
