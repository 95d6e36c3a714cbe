"""The images of the node, and pulling them."""
