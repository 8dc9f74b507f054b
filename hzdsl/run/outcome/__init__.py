"""From the numbers in a ledger to a result: weights of samples, what is missing, remarks."""
