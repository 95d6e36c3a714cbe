"""The pods of the node: what there is to do, doing it, and reporting it."""
