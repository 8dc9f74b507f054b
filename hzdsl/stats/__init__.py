"""Statistics: parameters, models, likelihoods and what is made of them, from the graph to a published number."""
