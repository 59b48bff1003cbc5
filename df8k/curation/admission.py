"""Which candidates are not even fetched, by what their source says of them."""

from df8k.checks.resolution import ResolutionLimits, too_small
from df8k.config import BuildConfig
from df8k.images import MAX_PIXELS
from df8k.sources import Candidate

from .licences import not_redistributable


def excluded(candidate: Candidate, config: BuildConfig) -> tuple[str, str]:
    """Say why a candidate is neither fetched nor examined.

    Args:
        candidate: its licence, author and stated sizes count; what is not stated excludes nothing.
        config: the build's.

    Returns:
        reason and detail, as in the manifest; two empty strings when it is not excluded.
    """
    if config.redistributable and (fault := not_redistributable(candidate.licence, candidate.author)):
        return "licence", fault
    if fault := _wrong_bytes(candidate.size, config):
        return "size", fault
    if candidate.width and candidate.height:
        width, height = candidate.width, candidate.height
        limits = config.checks["resolution"]
        if width * height > MAX_PIXELS:
            return "decode", f"{width}x{height} is more than {MAX_PIXELS} pixels"
        if not limits.get("off") and (fault := too_small(width, height, ResolutionLimits(**limits))):
            return "resolution", fault
    return "", ""


def _wrong_bytes(size: int, config: BuildConfig) -> str:
    if size and size < config.min_bytes:
        return f"{size} bytes, at least {config.min_bytes} wanted"
    if size > config.max_bytes:
        return f"{size} bytes, at most {config.max_bytes} wanted"
    return ""
