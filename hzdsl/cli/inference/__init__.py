"""Statistical methods on the command line: what is asked for is one record, whoever asks; one place that does it."""
