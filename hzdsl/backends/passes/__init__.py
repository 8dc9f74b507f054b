"""Likelihoods as loops over axes: a graph becomes passes of native code, each of which makes values along axes."""
