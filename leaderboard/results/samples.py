"""Define what a result says of the draws of a stochastic method."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Spread(_Model):
    """Variation of one metric between the draws of a stochastic method.

    Attributes:
        of_images: root mean square over images of the standard deviation between draws.
        of_mean: standard deviation of the mean over images between draws.
        best: mean over images of each image's best draw; never ranked, and absent without a direction.
    """

    of_images: float = Field(ge=0)
    of_mean: float = Field(ge=0)
    best: float | None


class Samples(_Model):
    """Draws of a stochastic method; every value of an image in the result is the mean over them.

    Attributes:
        seeds: of the draws; that of a call follows from it and the mask.
        spreads: size → metric key → variation.
    """

    seeds: Annotated[list[Annotated[int, Field(ge=0, lt=2**32)]], Field(min_length=2)]
    spreads: Mapping[str, Mapping[str, Spread]]
