"""The nano-spec dialect: its expressions, functions and blocks, each said in this language.

`expressions.py` and `functions.py` hold what differs in an expression, `blocks.py` (with `candidates.py`) the blocks
``[objects]`` and ``[derived]``, which both dialects read; `corrections.py` what ``[[correction]]`` varies and
`payloads.py` its files, `weights.py` what multiplies the weight, `models.py` what ``[[model]]`` computes.
"""
