"""What is measured: sizes, the task of a method at one size, measures of its mask."""
