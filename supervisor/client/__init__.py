"""HOW a component speaks to the API, in this process or over HTTP."""
