"""One call of a method, shared by the harness and the latency protocol."""
