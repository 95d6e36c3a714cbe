"""Docker behind the contract of an engine."""
