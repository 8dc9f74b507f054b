"""Toys in large numbers: pulls and coverage of whole fits. ``python -m tests.toys`` is the long run, kept as a table."""
