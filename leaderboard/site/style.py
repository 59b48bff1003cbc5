"""One look for a whole site: the colour and shape of every method, and the line of real time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .tables.grid import one_line

# The band that the RETHINED paper's teaser figure calls real time; its colour is --band of tokens.css.
REAL_TIME_MS: Final = 30.0
REAL_TIME_COLOUR: Final = "#1a7f37"
# Okabe and Ito's colour-blind safe palette without yellow, darkened where white paper needs it. The last is a
# grey that light and dark pages show alike.
PALETTE: Final = ("#0072B2", "#D55E00", "#007A5A", "#B4578F", "#A66F00", "#2E86C1", "#6E7781")
# Shapes repeat the distinction for grey prints; each is followed by the next once the colours are used up.
# Vega's name → outline for the page's own plot, around the origin, of the area of a circle of radius 1.
SHAPES: Final[Mapping[str, str]] = {
    "circle": "M1,0A1,1 0 1 1 -1,0A1,1 0 1 1 1,0Z",
    "square": "M-0.9,-0.9H0.9V0.9H-0.9Z",
    "triangle-up": "M0,-1.4L1.35,0.93H-1.35Z",
    "diamond": "M0,-1.25L1.25,0L0,1.25L-1.25,0Z",
    "cross": "M-1.2,-0.4H-0.4V-1.2H0.4V-0.4H1.2V0.4H0.4V1.2H-0.4V0.4H-1.2Z",
    "triangle-down": "M0,1.4L1.35,-0.93H-1.35Z",
    "triangle-right": "M1.4,0L-0.93,-1.35V1.35Z",
}
# Lines and fills of the drawings, which stand on white paper.
OUTLINE_COLOUR: Final = "#222"
TIED_FILL: Final = "#222222"
WORSE_FILL: Final = "#ffffff"
FRONT_COLOUR: Final = "#555"
BOX_COLOUR: Final = "#56B4E9"
GRID_COLOUR: Final = "#e8e8e8"
FRAME_COLOUR: Final = "#bbb"
# The same on dark paper, by the names that Vega writes; those of methods and real time suit both.
DARK: Final[Mapping[str, str]] = {
    "white": "#0d1117",
    WORSE_FILL: "#0d1117",
    "#000": "#e6edf3",
    "black": "#e6edf3",
    OUTLINE_COLOUR: "#e6edf3",
    TIED_FILL: "#e6edf3",
    FRONT_COLOUR: "#9da7b3",
    "#888": "#6e7781",
    FRAME_COLOUR: "#3d444d",
    GRID_COLOUR: "#21262d",
}
_LABEL_LENGTH: Final = 28


@dataclass(frozen=True)
class MethodStyle:
    """Look of one method in every drawing of a site.

    Attributes:
        label: its name on one line, no longer than fits.
        colour: one of `PALETTE`.
        shape: one of `SHAPES`.
    """

    label: str
    colour: str
    shape: str


def method_styles(names: Iterable[str], further: Iterable[str] = ()) -> dict[str, MethodStyle]:
    """Give each method of a site its look; the order of the names plays no part.

    Args:
        names: methods of the board.
        further: methods of other pages; those that the board lacks follow its own, whose look stays.
    """
    ordered = dict.fromkeys([*sorted(set(names)), *sorted(set(further))])
    shapes = tuple(SHAPES)
    return {
        name: MethodStyle(
            shorten(name),
            PALETTE[index % len(PALETTE)],
            shapes[(index + index // len(PALETTE)) % len(shapes)],
        )
        for index, name in enumerate(ordered)
    }


def shorten(name: str) -> str:
    """Cut a method's name to one line that fits into a drawing."""
    text = one_line(name)
    return text if len(text) <= _LABEL_LENGTH else f"{text[: _LABEL_LENGTH - 1]}…"


def script_style(styles: Mapping[str, MethodStyle]) -> dict[str, Any]:
    """Collect the look for the page's script, to be written as JSON: methods by their names on one line."""
    return {
        "realTimeMs": REAL_TIME_MS,
        "methods": {
            one_line(name): {"label": style.label, "colour": style.colour, "shape": SHAPES[style.shape]}
            for name, style in styles.items()
        },
    }
