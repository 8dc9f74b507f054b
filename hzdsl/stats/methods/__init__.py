"""Statistical methods: each takes a likelihood and returns one record that shows itself as text, LaTeX and JSON."""
