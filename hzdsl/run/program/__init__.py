"""What is executed: the document bound to values of parameters and to a backend."""
