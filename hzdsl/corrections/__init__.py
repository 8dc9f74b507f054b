"""What experiments publish as files, as expressions of the graph: correctionlib payloads, luminosity masks, trees.

Everything here reads data and makes nodes; nothing is evaluated, and no formula is ever executed as Python.
"""
