"""Probability densities as expressions of the language, and unbinned models made of them."""
