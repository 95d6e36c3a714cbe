"""CronJobs: the rule and its plan."""
