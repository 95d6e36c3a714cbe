"""ADMISSION: whether this node takes a pod that is bound to it."""
