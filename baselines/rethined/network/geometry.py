"""Measures that the network and what surrounds it agree on."""

from typing import Final

PATCH: Final = 8
"""Working pixels along a side of a patch, the attention's token."""

CUT_PX: Final = 4.0
"""Standard deviation of the frequency cut in working pixels."""
