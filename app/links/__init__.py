"""States in URLs, and the short links that keep them."""
