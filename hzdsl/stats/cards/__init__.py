"""Combine's datacards as text: their grammar, their records, what they refer to; what they mean stands in `combine`."""
