"""Jobs: the rule, its plan, and the accounting of pods that have ended."""
