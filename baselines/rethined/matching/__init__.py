"""From which known patch each hole patch takes its detail."""
