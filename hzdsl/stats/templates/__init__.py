"""Binned models made of templates: data that say what they are, and the one graph that computes them."""
