"""Which images are admitted, examined, likened and kept."""
