"""What a physicist touches: proxies that build the graph. No evaluation."""
