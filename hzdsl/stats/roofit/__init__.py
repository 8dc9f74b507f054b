"""RooFit's workspaces, read from ROOT files without ROOT: variables, functions and data as plain records."""
