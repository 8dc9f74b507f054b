"""Doing a plan on many machines: what is sent to the workers of a dask cluster, and what they do."""
