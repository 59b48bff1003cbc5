"""Learning rate over the steps of a training."""

import math

from .config import TrainingConfig


def learning_rate(step: int, config: TrainingConfig) -> float:
    """Compute the learning rate: linear warm-up, then half a cosine down to the final fraction.

    Args:
        step: steps that are done, from 0.
        config: peak rate, warm-up, final fraction and number of steps.
    """
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    span = max(1, config.steps - config.warmup_steps)
    fraction = min(1.0, (step - config.warmup_steps) / span)
    low = config.final_rate
    return config.learning_rate * (low + (1 - low) * (1 + math.cos(math.pi * fraction)) / 2)
