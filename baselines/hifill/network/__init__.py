"""Network of HiFill: gated convolutions, coarse and refine stages, contextual attention, critic."""
