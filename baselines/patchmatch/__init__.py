"""PatchMatch: the hole from patches of the known region, and the control with random ones.

A picture is solved at a working resolution (`solve`): a pyramid (`pyramid`), a first estimate from the
boundary inwards (`onion`), then rounds of matching (`field`) and voting (`vote`) on every level. Small
steps between pieces are spread (`seams`), and pixels are copied at full size (`enlargement`). RETHINED runs
the same rounds from its attention's choice on, held to its coarse result (`prior`).
"""

from .method import ExemplarFill, patchmatch, random_sources

__all__ = ["ExemplarFill", "patchmatch", "random_sources"]
