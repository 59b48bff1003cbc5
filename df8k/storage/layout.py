"""Where things lie inside a dataset folder."""

from dataclasses import dataclass
from pathlib import Path

from _df8k.gate import checked_id, joined


@dataclass(frozen=True)
class Layout:
    """Paths of a dataset at ``root``."""

    root: Path

    @property
    def description(self) -> Path:
        """``df8k.json``, written last: a folder that has it is complete."""
        return self.root / "df8k.json"

    @property
    def manifest(self) -> Path:
        """Table of every candidate."""
        return self.root / "manifest.parquet"

    @property
    def card(self) -> Path:
        """Dataset card."""
        return self.root / "README.md"

    @property
    def datasheet(self) -> Path:
        """Datasheet, linked from the card."""
        return self.root / "DATASHEET.md"

    @property
    def figures(self) -> Path:
        """Figures of the card."""
        return self.root / "figures"

    @property
    def croissant(self) -> Path:
        """Croissant metadata."""
        return self.root / "croissant.json"

    @property
    def review(self) -> Path:
        """Contact sheets for people."""
        return self.root / "review"

    @property
    def work(self) -> Path:
        """Folder of an unfinished build."""
        return self.root / ".build"

    def metadata(self, split: str) -> Path:
        """Give the table of one split."""
        return joined(self.root, split, "metadata.parquet")

    def image(self, split: str, image_id: str) -> Path:
        """Give the stored pixels of one image."""
        return joined(self.root, split, "images", f"{checked_id(image_id)}.png")

    def mask(self, split: str, image_id: str) -> Path:
        """Give the stored mask of one image."""
        return joined(self.root, split, "masks", f"{checked_id(image_id)}.png")
