"""Learning rate over the steps of a training."""

import math

from .config import TrainingConfig


def learning_rate(step: int, config: TrainingConfig) -> float:
    """Linear warm-up, then half a cosine down to the final share.

    Args:
        step: steps that are done, from 0.
        config: peak rate, warm-up, final share and number of steps.
    """
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    span = max(1, config.steps - config.warmup_steps)
    share = min(1.0, (step - config.warmup_steps) / span)
    low = config.final_rate
    return config.learning_rate * (low + (1 - low) * (1 + math.cos(math.pi * share)) / 2)
