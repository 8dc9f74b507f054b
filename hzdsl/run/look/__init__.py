"""Expressions read out of the first entries of files: tables to be read, and arrays."""
