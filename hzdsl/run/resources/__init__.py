"""What a run takes, told before it: memory, bytes, candidates, time."""
