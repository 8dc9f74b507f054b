"""Fits: the minimum of -ln L, the covariance there, and where the profile crosses a level."""
