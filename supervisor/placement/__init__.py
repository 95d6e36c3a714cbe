"""Whether a node can take a pod: the pure rules that scheduler and agent share."""
