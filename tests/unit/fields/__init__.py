"""Every field of a schema is acted upon, refused, or warned about."""
