"""Which pictures are admitted, examined, likened and kept."""
