"""ENGINES: one keeper for each Engine connects to it, runs its agent and removes it."""
