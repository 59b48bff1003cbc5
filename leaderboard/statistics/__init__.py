"""Numbers from rows: means with intervals, paired tests, ties, groups of images."""
