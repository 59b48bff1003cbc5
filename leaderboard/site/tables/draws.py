"""Say of a stochastic method how its draws vary, and of one that was run once that it is one."""

from df8k.leaderboard.protocol.ranking import PERCEPTUAL, PIXEL_ERROR
from df8k.leaderboard.protocol.sizes import Size
from df8k.leaderboard.results.schema import Result


def draw_remarks(result: Result, size: Size, label: str) -> list[str]:
    """List what readers must know of the draws behind the values of one size."""
    if result.samples is None:
        if result.repeatable is False:
            return [f"{label}: not deterministic, and one draw was taken: --samples shows its spread"]
        return []
    spreads = result.samples.spreads.get(str(size), {})
    key = next((name for name in (*PERCEPTUAL, PIXEL_ERROR) if name in spreads), None)
    if key is None:
        return []
    spread, count = spreads[key], len(result.samples.seeds)
    varies = (
        f"{key} varies by {spread.of_images:.2g} between draws of an image, its mean by {spread.of_mean:.2g}"
    )
    best = "" if spread.best is None else f"; best of {count}, not ranked: {spread.best:.4g}"
    return [f"{label}: mean of {count} draws; {varies}{best}"]
