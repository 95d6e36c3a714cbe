"""WHAT the words mean: typed values, their defaults and their rules. No effects."""
