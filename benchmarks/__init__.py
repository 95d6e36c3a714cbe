"""Speed and memory, always as ratios against a rival in the same run."""
