"""How descriptions are written: the page, and parts that kinds share."""
