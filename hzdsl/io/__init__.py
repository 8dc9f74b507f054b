"""Reading events and histograms, writing tables: the only room that touches files of data."""
