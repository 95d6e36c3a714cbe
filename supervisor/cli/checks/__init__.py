"""The checks of `supervisor doctor`; each module yields findings about one subject."""
