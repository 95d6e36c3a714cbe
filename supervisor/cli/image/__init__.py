"""`supervisor image`."""
