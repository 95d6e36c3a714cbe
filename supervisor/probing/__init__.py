"""ASKING a container whether it is well: one attempt, and what a row of them means."""
