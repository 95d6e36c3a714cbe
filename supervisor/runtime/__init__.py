"""THE NODE'S CONTAINERS: one contract, and Docker behind it."""
