"""Foreign processes: what they may say, how they are found again, and a sandbox around them."""
