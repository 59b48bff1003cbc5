"""Private ground that the five packages stand on; it imports none of them."""
