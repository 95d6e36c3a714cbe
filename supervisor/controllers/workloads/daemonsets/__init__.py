"""DaemonSets: the rule, its plan, and its revisions."""
