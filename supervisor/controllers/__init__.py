"""HOW MANY, AND WHERE: one rule per file."""
