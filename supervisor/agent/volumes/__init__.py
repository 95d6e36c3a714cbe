"""The volumes of pods, and what they are filled from."""
