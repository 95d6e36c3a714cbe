"""`supervisor top`: CPU and memory in use by nodes and pods."""
