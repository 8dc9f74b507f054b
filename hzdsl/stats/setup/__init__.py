"""A likelihood made ready for a method: read from files, with other parameters, given pretended data."""
