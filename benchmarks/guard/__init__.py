"""What `make bench` compares: ratios against named peers, with those kept for this class of machine."""
