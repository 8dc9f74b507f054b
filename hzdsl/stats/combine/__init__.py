"""What datacards mean: shapes, morphing, statistics of simulation, physics models, and the likelihood they make."""
