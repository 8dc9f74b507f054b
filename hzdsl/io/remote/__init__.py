"""Files on servers: byte ranges over HTTP(S) and XRootD, at the first place that has them."""
