"""Where pods go: pure rules that object to nodes, and that rank those that fit."""
