"""What a run writes of itself: its state, to be continued, and the numbers of a slice, to be merged."""
