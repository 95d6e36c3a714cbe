"""API clients: in-process or over HTTPS, behind one contract."""
