"""HiFill's training objective: the paper's WGAN-GP, and a start that a processor can afford."""

from pathlib import Path
from typing import Literal, Self

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn

from df8k.baselines.base import Inpainter, MethodError
from df8k.baselines.hifill.method import HiFill
from df8k.baselines.hifill.network.attention import valid_keys
from df8k.baselines.hifill.network.discriminator import Discriminator
from df8k.baselines.hifill.network.generator import Generator
from df8k.baselines.hifill.network.geometry import Start
from df8k.baselines.hifill.weights import Weights, initialise, load_weights, save_weights
from df8k.baselines.training.losses import hole_l1
from df8k.baselines.training.objective import (
    Batch,
    FindWeights,
    Networks,
    Progress,
    Provenance,
    Recipe,
    Update,
    nowhere,
)
from df8k.baselines.training.perceptual import Perceptual

from .losses import (
    CONTEXT_WEIGHT,
    HOLE_WEIGHT,
    composite,
    context_loss,
    discriminator_loss,
    generator_loss,
    hole_loss,
)
from .matching import copy_loss, teacher_loss

BETAS = (0.5, 0.9)
BETAS_ALONE = (0.9, 0.99)
CRITIC_UPDATES = 3
LICENCE = "Apache-2.0"


class TrainingOptions(BaseModel):
    """Options of the config file's table ``[method]``; the defaults are the authors' recipe.

    Attributes:
        start: what the network's hole holds at first, see `Generator`.
        weights: file with the weights to go on from; without it, random ones.
        critic: train against a critic, three updates of it for one of the generator.
        hole: weight of the error inside the hole.
        context: weight of the error around it.
        perceptual: weight of ST-LPIPS of the refined stage, known pixels copied; 0 needs none.
        match: weight of the attention's distance to a teacher's.
        sharpness: of the teacher's preferences.
        strength: weight of the distance between the strengths of copied and missing detail.
        detail: weight of the error of copied detail.
        reduction: pixels along a side that the coarse stage sees as one, see `Generator`.
        part: what learns. ``coarse`` is the coarse stage alone, on crops that have its own pixels;
            ``attention`` the encoder of the refine stage alone, from `match`, `strength` and `detail`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    start: Start = "zeros"
    weights: str | None = None
    critic: bool = True
    hole: float = Field(default=HOLE_WEIGHT, ge=0)
    context: float = Field(default=CONTEXT_WEIGHT, ge=0)
    perceptual: float = Field(default=0.0, ge=0)
    match: float = Field(default=0.0, ge=0)
    sharpness: float = Field(default=1.0, gt=0)
    strength: float = Field(default=0.0, ge=0)
    detail: float = Field(default=0.0, ge=0)
    reduction: int = 2
    part: Literal["all", "coarse", "attention"] = "all"

    @model_validator(mode="after")
    def _one_teacher(self) -> Self:
        if self.part != "all" and (self.critic or self.start != "membrane"):
            raise ValueError(f'part = "{self.part}" needs start = "membrane" and critic = false')
        return self


class HiFillObjective:
    """HiFill as an objective of the training core.

    Args:
        options: checked options.
        seed: of the networks' start.
        find: where VGG-16's weights are, should the options want them.
    """

    def __init__(self, options: TrainingOptions, seed: int, find: FindWeights = nowhere) -> None:
        self._options = options
        self._generator = initialise(self._new(), seed)
        if options.part == "coarse":
            # Faster in half precision; the refine stage's gates of stride 2 crash torch 2.15 in this layout.
            self._generator.to(memory_format=torch.channels_last)
        self._origin: dict[str, str] = {}
        if options.weights is not None:
            begun = _weights(Path(options.weights), options)
            self._generator.load_state_dict(begun.generator.state_dict())
            self._origin = {"begun_with_sha256": str(begun.sha256)}
        self.networks: Networks = {"generator": self._generator}
        self.averaged = ("generator",)
        betas = BETAS if options.critic else BETAS_ALONE
        self.updates = {"generator": Update(("generator",), betas=betas)}
        self.rounds: tuple[str, ...] = ("generator",)
        self._perceptual = Perceptual(find) if options.perceptual else None
        self._critic: Discriminator | None = None
        if options.critic:
            self._critic = initialise(Discriminator(), seed)
            self.networks = {**self.networks, "critic": self._critic}
            self.updates["critic"] = Update(("critic",), betas=BETAS)
            self.rounds = ("critic",) * CRITIC_UPDATES + ("generator",)

    def loss(self, update: str, batch: Batch, progress: Progress) -> tuple[Tensor, dict[str, Tensor]]:
        """Loss of one update; see `Objective.loss`."""
        real, mask = batch.image.flip(1) * 2 - 1, batch.mask
        if update == "critic" and self._critic is not None:
            return self._critic_loss(self._critic, real, mask, progress)
        if self._options.part == "coarse":
            real = real.contiguous(memory_format=torch.channels_last)
            return hole_l1(real, self._generator.fill_coarsely(real, mask).float(), mask), {}
        if self._options.part == "attention":
            return self._attention_loss(self._generator.attend(real, mask), real, mask)
        filled = self._generator(real, mask)
        loss = generator_loss(
            real,
            filled,
            mask,
            self._critic,
            hole_weight=self._options.hole,
            context_weight=self._options.context,
        )
        taught, scalars = self._attention_loss(filled.attention, real, mask)
        scalars["hole"] = hole_loss(real, filled, mask).detach()
        scalars["context"] = context_loss(real, filled, mask).detach()
        loss = loss + taught
        if self._perceptual is not None:
            fake = (composite(real, filled.refined, mask).flip(1) + 1) / 2
            distance = self._perceptual(fake, batch.image)
            loss, scalars["perceptual"] = loss + self._options.perceptual * distance, distance.detach()
        return loss, scalars

    def method(self, networks: Networks, device: str) -> Inpainter:
        """Make the method as users run it; see `Objective.method`."""
        generator = self._copy(networks)
        return HiFill(Weights(generator, "0" * 64, LICENCE, {}), device=device)

    def export(self, networks: Networks, path: Path, provenance: Provenance) -> None:
        """Write the weights in half precision; see `Objective.export`."""
        save_weights(
            path,
            self._copy(networks),
            licence=LICENCE,
            provenance={**provenance.entries, **self._origin},
            half=True,
        )

    def _new(self) -> Generator:
        return Generator(start=self._options.start, reduction=self._options.reduction)

    def _copy(self, networks: Networks) -> Generator:
        copy = self._new()
        copy.load_state_dict(networks["generator"].state_dict())
        return copy.eval()

    def _critic_loss(
        self, critic: nn.Module, real: Tensor, mask: Tensor, progress: Progress
    ) -> tuple[Tensor, dict[str, Tensor]]:
        with torch.no_grad():
            fake = composite(real, self._generator(real, mask).refined, mask)
        epsilon = torch.rand((len(real), 1, 1, 1), generator=progress.noise).to(real.device)
        # The penalty is a derivative of a derivative: half precision loses it.
        with torch.autocast(real.device.type, enabled=False):
            return discriminator_loss(real, fake.float(), critic, epsilon), {}

    def _attention_loss(
        self, attention: Tensor, real: Tensor, mask: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        options = self._options
        total, scalars = real.new_zeros(()), {}
        if options.match:
            match = teacher_loss(attention, real, mask, valid_keys(mask), options.sharpness)
            total, scalars["match"] = total + options.match * match, match.detach()
        if options.strength or options.detail:
            strength, error = copy_loss(attention, real, mask)
            total = total + options.strength * strength + options.detail * error
            scalars |= {"strength": strength.detach(), "detail": error.detach()}
        return total, scalars


def _weights(path: Path, options: TrainingOptions) -> Weights:
    """Load weights to go on from.

    Raises:
        MethodError: no such file, or its start is another one.
    """
    loaded = load_weights(path)
    start = loaded.generator.start
    if start != options.start:
        raise MethodError(f"{path} starts from {start!r}, the configuration from {options.start!r}")
    return loaded


RECIPE = Recipe(
    options=TrainingOptions,
    make=HiFillObjective,
    defaults={
        "steps": 300_000,
        "batch_size": 8,
        "crop_px": 512,
        "levels_px": (512, 640, 896),
        "masks": ("hifill", "df8k-small"),
        "learning_rate": 1e-4,
        "warmup_steps": 0,
        "final_rate": 1.0,
        "clip_norm": 0.0,
        "average_decay": 0.999,
        "validate_every": 2000,
        "checkpoint_every": 1000,
    },
)
"""The authors' recipe with our masks; they took neither an average of the weights nor flips."""
