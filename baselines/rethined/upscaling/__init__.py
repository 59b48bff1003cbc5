"""Attention Upscaling: carry the detail of the sources to full size."""
