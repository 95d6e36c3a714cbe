"""HOW things run: time, queues, the one loop. Knows nothing of pods."""
