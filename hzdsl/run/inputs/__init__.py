"""What is read: files, their trees, which of their columns, and ranges of entries of these in memory."""
