"""Choice of the known patch that each patch of the hole takes its detail from."""
