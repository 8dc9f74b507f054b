"""Expressions read out over a range of entries: as tables to be looked at, and as arrays."""
