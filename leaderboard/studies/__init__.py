"""Questions about one method that need several runs of it: strategies, parity of exports, sloppy masks."""
