"""ENGINES: one keeper for each, which connects, runs its agent and clears up."""
