"""Define the sizes at which methods are compared."""

import re
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field

from df8k.leaderboard.errors import LeaderboardError

_FRAME: Final = re.compile(r"([1-9]\d{0,5})x([1-9]\d{0,5})")

# A side length in pixels; a frame such as 3840x2160, width first; or the image as it is.
Size: TypeAlias = int | str
# As files hold it.
CheckedSize: TypeAlias = (
    Annotated[int, Field(ge=16)] | Literal["native"] | Annotated[str, Field(pattern=rf"^{_FRAME.pattern}$")]
)

# The papers' sizes, measured where nobody names others.
SQUARES: Final[tuple[Size, ...]] = (512, 1024, 2048)

# The rungs at which latency is compared: the papers' squares, and the frames of 4K and 8K video.
LADDER: Final[tuple[Size, ...]] = (512, 1024, 2048, "3840x2160", 4096, "7680x4320", 8192)


def parse_sizes(text: str) -> tuple[Size, ...]:
    """Parse sizes separated by commas, such as ``512,3840x2160,native``; ``ladder`` stands for `LADDER`.

    Raises:
        LeaderboardError: something else.
    """
    sizes: list[Size] = []
    for field in text.split(","):
        word = field.strip()
        if word == "ladder":
            sizes += LADDER
        elif word == "native":
            sizes.append("native")
        elif word.isdecimal():
            sizes.append(int(word))
        elif frame := _FRAME.fullmatch(word):
            # One name for each size: a square is its side.
            sizes.append(int(frame[1]) if frame[1] == frame[2] else word)
        else:
            raise LeaderboardError(
                f"{word!r} is no size: expected pixels such as 2048, a frame such as 3840x2160, "
                "native, or ladder"
            )
    return tuple(sizes)


def extent(size: Size) -> tuple[int, int] | None:
    """Read width and height of a size in pixels; ``None`` for native."""
    if isinstance(size, int):
        return size, size
    frame = _FRAME.fullmatch(size)
    return None if frame is None else (int(frame[1]), int(frame[2]))


def size_order(size: Size) -> tuple[bool, int, int]:
    """Order sizes by pixels, then width; native last."""
    frame = extent(size)
    return (True, 0, 0) if frame is None else (False, frame[0] * frame[1], frame[0])
