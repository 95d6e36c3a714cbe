"""What a container is created with."""
