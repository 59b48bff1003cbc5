"""Training of RETHINED: the coarse stage by L1, the matching by a teacher that sees the original."""

from functools import partial
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from torch.nn import functional as F

from df8k.baselines.base import Inpainter, MethodError
from df8k.baselines.rethined.method import method_of
from df8k.baselines.rethined.network.attention import mix_hole
from df8k.baselines.rethined.network.coarse import Scaled
from df8k.baselines.rethined.network.filters import pull_push_fill
from df8k.baselines.rethined.network.geometry import CUT_PX
from df8k.baselines.rethined.network.model import Analysis, Network, build, fused
from df8k.baselines.rethined.network.weights import restore_network, save_network
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

from .critic import PatchCritic, critic_loss, deceit_loss
from .losses import Teacher, focal_frequency, hole_token_mask, match_loss, valid_token_mask


class RethinedTrainingOptions(BaseModel):
    """Options of the config file's table ``[method]``.

    Attributes:
        cut_px: frequency cut in working pixels; use the same at inference.
        coarse: weight of the coarse stage's error.
        match: weight of the cross-entropy to the teacher's preferences.
        mixed: weight of the error of softly mixed detail; trains the temperature too.
        frequency: weight of the focal frequency loss on the coarse result.
        perceptual: weight of ST-LPIPS of the coarse result; 0 needs no weights of it.
        adversarial: weight of a patch critic's hinge loss on the coarse result; 0 builds no critic.
        adversarial_from: fraction of the training after which the critic takes part.
        queries: hole tokens of each picture that the matching losses look at, drawn at random.
        sharpness: of the teacher's preferences.
        texture: weight of gradient strength in the teacher's comparison.
        scales: scales of the coarse stage that are trained, 0 the coarsest; the others stay as they are.
        weights: weights file in the trainable form to go on from; empty for a fresh network.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    cut_px: float = Field(default=CUT_PX, ge=0.3, le=10)
    coarse: float = Field(default=6.0, ge=0)
    match: float = Field(default=0.0, ge=0)
    mixed: float = Field(default=0.0, ge=0)
    frequency: float = Field(default=0.0, ge=0)
    perceptual: float = Field(default=0.0, ge=0)
    adversarial: float = Field(default=0.0, ge=0)
    adversarial_from: float = Field(default=0.67, ge=0, lt=1)
    queries: int = Field(default=256, ge=1)
    sharpness: float = Field(default=8.0, gt=0)
    texture: float = Field(default=0.3, ge=0)
    scales: tuple[int, ...] = (0, 1)
    weights: str = ""


class RethinedObjective:
    """RETHINED as an objective of the training core.

    Args:
        name: registered size.
        options: checked options.
        seed: of the network's start.
        find: where VGG-16's weights are, should the options want them.
    """

    def __init__(
        self, name: str, options: RethinedTrainingOptions, seed: int, find: FindWeights = nowhere
    ) -> None:
        self._name, self._options = name, options
        network = build(name, cut_px=options.cut_px, seed=seed)
        known = range(len(network.coarse.scales))
        if not set(options.scales) <= set(known):
            raise MethodError(f"scales are among {list(known)}, 0 the coarsest; got {list(options.scales)}")
        if options.weights:
            restore_network(network, name, Path(options.weights))
        self._network: Network = network.to(memory_format=torch.channels_last)
        self._teacher = Teacher(network.low_pass, options.texture)
        self._perceptual = Perceptual(find) if options.perceptual else None
        self._critic: nn.Module | None = None
        networks: dict[str, nn.Module] = {"network": self._network}
        self.updates = {"network": Update(("network",), weight_decay=0.01)}
        self.averaged: tuple[str, ...] = ("network",)
        self.rounds: tuple[str, ...] = ("network",)
        if options.adversarial:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                self._critic = networks["critic"] = PatchCritic()
            self.updates["critic"] = Update(("critic",), rate=2.0, betas=(0.0, 0.9))
            self.rounds = ("critic", "network")
        self.networks: Networks = networks

    def loss(self, update: str, batch: Batch, progress: Progress) -> tuple[Tensor, dict[str, Tensor]]:
        """See `baselines.training.Objective`."""
        if update == "critic":
            return self._critic_loss(batch, progress), {}
        options, network = self._options, self._network
        results, targets, holes = self._scales(batch)
        with torch.autocast(batch.image.device.type, enabled=False):
            errors = [
                hole_l1(results[number].fill.float(), targets[number], holes[number])
                for number in options.scales
            ]
            coarse, target, hole = results[-1].fill.float(), targets[-1], holes[-1]
            parts = {f"scale-{number}": error for number, error in zip(options.scales, errors, strict=True)}
            total = options.coarse * torch.stack(errors).mean() if errors else coarse.new_zeros(())
            if options.frequency:
                parts["frequency"] = focal_frequency(coarse, target)
                total = total + options.frequency * parts["frequency"]
            if self._perceptual is not None:
                parts["perceptual"] = self._perceptual(coarse, target)
                total = total + options.perceptual * parts["perceptual"]
            if self._critic is not None and progress.fraction >= options.adversarial_from:
                parts["deceit"] = deceit_loss(self._critic, coarse, hole)
                total = total + options.adversarial * parts["deceit"]
        if options.match or options.mixed:
            # What the matching learns must not pull the colours of the coarse result.
            with torch.no_grad():
                whole, features = network.fill(batch.image * (1 - batch.mask), batch.mask)
            with torch.autocast(batch.image.device.type, enabled=False):
                parts |= self._matching(network.describe(whole.float(), features.float()), batch, progress)
            total = total + options.match * parts["match"] + options.mixed * parts["mixed"]
        return total, {key: value.detach() for key, value in parts.items()}

    def _scales(self, batch: Batch) -> tuple[list[Scaled], list[Tensor], list[Tensor]]:
        """Compute results, originals and masks of the scales up to the finest that is trained.

        A crop stands for half of the working resolution, the finest scale's pixels. Scales that are not
        trained are as at inference, so that their normalisations keep what they have learned.
        """
        coarse, trained = self._network.coarse, self._options.scales
        count = max(trained, default=len(coarse.scales) - 1) + 1
        side = batch.image.shape[-1] >> (len(coarse.scales) - count)
        if side % 32:
            raise MethodError(
                f"the crops are {side} px at scale {count - 1}: crop_px must make it a multiple of 32"
            )
        for number, scale in enumerate(coarse.scales):
            scale.train(number in trained)
            if number not in trained:
                scale.requires_grad_(False)
        known, hole, target = batch.image * (1 - batch.mask), batch.mask, batch.image
        for _ in coarse.scales[count:]:
            known, hole, target = (F.avg_pool2d(plane, 2) for plane in (known, hole, target))
        with torch.no_grad(), torch.autocast(batch.image.device.type, enabled=False):
            smooth = pull_push_fill(known / (1 - hole).clamp_min(1e-3), hole)
        results = coarse(smooth, hole, count)
        targets, holes = [target], [hole]
        for _ in results[1:]:
            targets.insert(0, F.avg_pool2d(targets[0], 2))
            holes.insert(0, F.avg_pool2d(holes[0], 2))
        return results, targets, holes

    def _critic_loss(self, batch: Batch, progress: Progress) -> Tensor:
        assert self._critic is not None
        if progress.fraction < self._options.adversarial_from:
            return torch.stack([parameter.sum() for parameter in self._critic.parameters()]).sum() * 0
        with torch.no_grad():
            results, targets, holes = self._scales(batch)
        return critic_loss(self._critic, targets[-1], results[-1].fill.float(), holes[-1])

    def _matching(self, analysis: Analysis, batch: Batch, progress: Progress) -> dict[str, Tensor]:
        network, options = self._network, self._options
        descriptions = self._teacher.describe(batch.image)
        hole, valid = hole_token_mask(batch.mask), valid_token_mask(batch.mask)
        real = batch.image - network.low_pass(batch.image)
        detail = F.pixel_unshuffle(real, 8).flatten(2).transpose(1, 2)
        losses, mixed = [], []
        for k in range(len(batch.image)):
            h, v = hole[k].nonzero()[:, 0], valid[k].nonzero()[:, 0]
            if h.numel() > options.queries:
                order = torch.randperm(h.numel(), generator=progress.noise)[: options.queries]
                h = h[order.to(h.device)]
            if v.numel() == 0 or h.numel() == 0:
                continue
            q, key = analysis.queries[k], analysis.keys[k]
            logits = q[h] @ key[v].T / network.match.temperature
            losses.append(match_loss(logits, descriptions[k], h, v, options.sharpness))
            picked = mix_hole(q, key, detail[k], h, v, network.match.temperature)[h]
            mixed.append((picked - detail[k][h]).abs().mean())
        if not losses:
            zero = analysis.low.sum() * 0
            return {"match": zero, "mixed": zero}
        return {"match": torch.stack(losses).mean(), "mixed": torch.stack(mixed).mean()}

    def method(self, networks: Networks, device: str) -> Inpainter:
        """See `baselines.training.Objective`."""
        return method_of(self._name, self._inference(networks), device=device, cut_px=self._options.cut_px)

    def export(self, networks: Networks, path: Path, provenance: Provenance) -> None:
        """See `baselines.training.Objective`: the trainable form in fp16, which training can go on from."""
        network = networks["network"]
        assert isinstance(network, Network)
        save_network(network, path, half=True, provenance=provenance.entries)

    def _inference(self, networks: Networks) -> Network:
        network = networks["network"]
        assert isinstance(network, Network)
        return fused(network)


RECIPE = Recipe(RethinedTrainingOptions, partial(RethinedObjective, "rethined"))
RECIPE_LARGE = Recipe(RethinedTrainingOptions, partial(RethinedObjective, "rethined-large"))
