"""What Go's HTTP client accepts as an answer, and whether our probes agree."""
