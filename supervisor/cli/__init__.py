"""The `supervisor` command: each verb is a few REST calls and printing."""
