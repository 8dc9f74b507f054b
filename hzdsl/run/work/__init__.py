"""Doing a plan in one process: items of work on threads, repeated where they fail, accounted for in a ledger."""
