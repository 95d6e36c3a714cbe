"""Building blocks for `describe`: the page, and sections that kinds share."""
