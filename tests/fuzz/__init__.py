"""Hunting for programs on which the backends disagree: random well-typed programs over random ragged events."""
