"""Settings of a training: strict, from defaults, a method's recipe, a TOML file and the command line."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from _df8k.bounded import read_limited, read_toml
from _df8k.gate import shown
from df8k.baselines.base import MethodError

from .objective import Recipe

_SHIPPED = Path(__file__).parent / "configs"


class TrainingConfig(BaseModel):
    """Settings of the core; every value changes the result and is therefore fixed for the life of a run.

    Attributes:
        seed: of weights, crops, masks and losses.
        steps: training steps; the learning rate ends there.
        batch_size: samples of one update, over all devices.
        crop_px: side of the square crops.
        levels_px: short sides that pictures are reduced to before cropping; a picture that is smaller than a
            level is left out there, nothing is enlarged.
        masks: mask presets, drawn with equal chance.
        mask_bank: masks that are drawn once and then turned and mirrored; 0 draws one for every sample.
        exchange_colours: chance that a crop's colour channels change places.
        optimiser: ``adamw``, or ``muon``: Muon for kernels that mix channels and AdamW for the rest.
        learning_rate: at the end of the warm-up.
        warmup_steps: linear.
        final_rate: fraction of the learning rate at the end of the cosine.
        clip_norm: largest gradient norm of an update; 0 leaves gradients alone.
        average_decay: of the moving average of the weights, warmed up as ``min(decay, (1 + n) / (10 + n))``.
        precision: ``bf16`` runs losses under autocast; weights stay fp32.
        validate_every: steps between validations; the best average is kept.
        checkpoint_every: steps between checkpoints.
        validation_images: pictures of a validation.
        validation_px: side of their centre squares.
        select: the validation value by which the best is chosen; lower is better.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    seed: int = Field(default=0, ge=0, lt=2**63)
    steps: int = Field(default=20_000, ge=1)
    batch_size: int = Field(default=8, ge=1)
    crop_px: int = Field(default=256, ge=32, multiple_of=32)
    levels_px: tuple[int, ...] = Field(default=(320, 448, 640), min_length=1)
    masks: tuple[str, ...] = Field(default=("df8k", "df8k-small"), min_length=1)
    mask_bank: int = Field(default=0, ge=0)
    exchange_colours: float = Field(default=0.0, ge=0, le=1)
    optimiser: Literal["adamw", "muon"] = "adamw"
    learning_rate: float = Field(default=1e-3, gt=0)
    warmup_steps: int = Field(default=200, ge=0)
    final_rate: float = Field(default=0.01, ge=0, le=1)
    clip_norm: float = Field(default=1.0, ge=0)
    average_decay: float = Field(default=0.999, ge=0, lt=1)
    precision: Literal["fp32", "bf16"] = "fp32"
    validate_every: int = Field(default=1000, ge=1)
    checkpoint_every: int = Field(default=500, ge=1)
    validation_images: int = Field(default=8, ge=1)
    validation_px: int = Field(default=512, ge=64)
    select: str = "l1.hole"


class RunConfig(BaseModel):
    """Configuration of a run: the core's settings and the method's own.

    Attributes:
        name: registered method.
        training: of the core.
        method: the method's options, checked by its recipe.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    training: TrainingConfig
    method: dict[str, Any]

    @property
    def json_text(self) -> str:
        """Canonical text; equal configurations have equal texts."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True)

    @property
    def sha256(self) -> str:
        """Hash of the canonical text."""
        return hashlib.sha256(self.json_text.encode()).hexdigest()


def config_path(text: str) -> Path:
    """Resolve a configuration: a TOML file, or the name of one that comes with the package.

    Raises:
        MethodError: it is neither.
    """
    shipped = {path.stem: path for path in sorted(_SHIPPED.glob("*.toml"))}
    path = Path(text)
    if not path.is_file() and text not in shipped:
        raise MethodError(
            f"{text} is neither a TOML file nor a configuration of the package: known: {', '.join(shipped)}"
        )
    return path if path.is_file() else shipped[text]


def read_config(
    name: str, recipe: Recipe, path: Path | None, overrides: Mapping[str, Any], start: Path | None = None
) -> tuple[RunConfig, Any]:
    """Put a configuration together.

    Args:
        name: registered method.
        recipe: its recipe; its defaults come first.
        path: TOML file with the tables ``training`` and ``method``; its values win over defaults.
        overrides: values of the core that win over the file.
        start: weights file to go on from, the method's option ``weights``.

    Returns:
        The configuration, and the method's checked options.

    Raises:
        MethodError: unreadable file, unknown key, or a value out of range; the message names it.
    """
    tables: dict[str, dict[str, Any]] = {}
    if path is not None:
        tables = read_toml(read_limited(path, MethodError), str(path), MethodError)
        if strays := [name for name, table in tables.items() if not isinstance(table, dict)]:
            raise MethodError(f"{path}: tables are [training] and [method]; {shown(strays[0])} is no table")
    unknown = sorted(set(tables) - {"training", "method"})
    if unknown:
        raise MethodError(f"{path}: tables are [training] and [method]; found {', '.join(unknown)}")
    values = {**recipe.defaults, **tables.get("training", {}), **overrides}
    choices = tables.get("method", {}) | ({} if start is None else {"weights": str(start)})
    try:
        training = TrainingConfig.model_validate_json(json.dumps(values))
        options = recipe.options.model_validate_json(json.dumps(choices))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise MethodError(
            f"{path or 'configuration'}: {where}: {first['msg']}; got {first['input']!r}"
        ) from error
    return RunConfig(name=name, training=training, method=options.model_dump(mode="json")), options
