"""From the histograms of a run to what a likelihood is made of: templates of channels, pseudo-data, datacards."""
