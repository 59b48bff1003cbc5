"""Tables of the board, of comparisons, of latency and of papers, and the forms that they are written in."""
