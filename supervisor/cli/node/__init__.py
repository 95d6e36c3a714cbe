"""`supervisor node`."""
