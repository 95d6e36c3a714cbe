"""The Node object, its Lease, and whether its engine answers."""
