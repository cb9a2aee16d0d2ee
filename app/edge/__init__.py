"""What stands between a socket and a resource: bounds, cache, headers, logs."""
