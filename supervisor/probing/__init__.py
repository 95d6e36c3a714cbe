"""Probe containers: single attempts, and the results that follow from several."""
