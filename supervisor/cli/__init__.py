"""THE COMMAND: each verb is a few REST calls and printing."""
