"""The latency protocol: what a call of a method costs, apart from how well it fills; see docs/latency.md."""
