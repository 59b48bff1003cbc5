"""Synthesis of a mask from a preset and a key."""

from .acceptance import broken_rule
from .catalogue import find_preset
from .errors import MaskError
from .preset import Preset
from .raster.lattice import Frame, reduced
from .raster.primitives import Primitive, checked
from .samplers.solve import solved
from .seeding import Stream
from .vector import VectorMask


def synthesize(aspect: tuple[int, int], preset: str, key: str, *, variant: int = 0) -> VectorMask:
    """Make the mask that belongs to a key.

    The result is a pure function of the arguments: of nothing that was drawn before, of no clock, thread or
    process.

    Args:
        aspect: width and height of the image as integers; only their ratio counts.
        preset: a name of `masks.preset_names`, for example ``"df8k"``; a version may follow, as in
            ``"blobs-v1"``.
        key: any stable text, usually the image's id.
        variant: tells several masks of one key apart.

    Returns:
        The mask; its ``origin`` names the preset with version, the kind of drawing and the attempt that
        passed.

    Raises:
        MaskError: unknown preset, malformed aspect, or no attempt met the preset's rules.

    Example:
        >>> vector = synthesize(aspect=(3, 2), preset="df8k", key="0123456789abcdef")
        >>> vector.rasterize(768, 512).shape
        (512, 768)
    """
    return attempts(Frame(reduced(aspect)), find_preset(preset), key, variant)[0]


def attempts(frame: Frame, preset: Preset, key: str, variant: int = 0) -> tuple[VectorMask, dict[str, int]]:
    """Make a mask, and count the drawings that each rule turned away before it.

    Raises:
        MaskError: no attempt met the preset's rules.
    """
    refused: dict[str, int] = {}
    for attempt in range(preset.attempts):
        family, primitives, reason = _attempt(frame, preset, f"{key}|{variant}", attempt)
        if reason is None:
            origin: dict[str, str | int] = {"attempt": attempt, "family": family, "preset": preset.full_name}
            return VectorMask(frame, checked(primitives), origin), refused
        refused[reason] = refused.get(reason, 0) + 1
    raise MaskError(
        f"preset {preset.full_name} met its rules in none of {preset.attempts} drawings for aspect "
        f"{frame.aspect[0]}:{frame.aspect[1]} and key {key!r} (refused: {refused}): use another preset or key"
    )


def _attempt(
    frame: Frame, preset: Preset, key: str, attempt: int
) -> tuple[str, tuple[Primitive, ...], str | None]:
    # What kind of mask a key gets and how large never depends on the attempt: redraws must not favour easy
    # kinds.
    choice = Stream(f"df8k-masks|{preset.full_name}|{key}|choice")
    stream = Stream(f"df8k-masks|{preset.full_name}|{key}|{attempt}")
    drawing = preset.sampler(choice, stream, frame)
    primitives: tuple[Primitive, ...] | None = tuple(drawing.primitives)
    if preset.target is not None:
        target = (choice.between(*preset.target), 100_000)
        primitives = solved(frame, drawing, target, prefix=preset.prefix)
    if primitives is None:
        return drawing.family, (), "target"
    return drawing.family, primitives, broken_rule(frame, primitives, drawing.family, preset.rules)
