"""Build a dataset: examine every candidate, decide, split, mask, write.

Every step depends on content and configuration alone, so a build that was killed goes on where it stopped and
ends with the bytes that an undisturbed one would have written.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from _df8k.files import flush, remove_folder, write_text
from _df8k.store import locate, remote

from .config import BuildConfig
from .curation.admission import excluded
from .curation.decisions import Decision, decide
from .curation.examine import Examination, examine, give_up, portable
from .curation.obtain import obtain
from .curation.ranking import never_seen, outside, rank
from .curation.splits import SPLITS, assign_splits
from .documents.card import card
from .documents.croissant import croissant
from .documents.datasheet import datasheet
from .documents.facts import collect_facts
from .documents.figures import write_figures
from .documents.review import write_review
from .errors import BuildError
from .identity import fingerprint, keyed_hash
from .pool import Engine, Progress, Workers, open_workers
from .sources import Candidate, open_source, refuse_sources_inside
from .storage.claim import claim_folder, read_finished, refuse_foreign_folder
from .storage.description import Description, tool_versions
from .storage.layout import Layout
from .storage.manifest import MANIFEST, METADATA
from .storage.parquet import write_table
from .testmasks import MaskTask, TestMask, make_test_mask

T = TypeVar("T")


@dataclass(frozen=True)
class BuildReport:
    """Outcome of a build.

    Attributes:
        description: content of ``df8k.json``.
        resumed: candidates whose examination was found from an earlier run.
        existed: the dataset was complete already and nothing was done.
    """

    description: Description
    resumed: int = 0
    existed: bool = False


def build(
    candidates: str | Path | Iterable[Candidate],
    out: str | Path,
    config: BuildConfig | None = None,
    *,
    workers: int = 1,
    engine: Engine | None = None,
    skip_unreachable: bool = False,
    progress: Progress | None = None,
) -> BuildReport:
    """Build a dataset at ``out``, or finish one that was interrupted.

    Args:
        candidates: folder or SPEC of a source, or candidates of several; see `df8k.sources`.
        out: folder of the dataset, or its address in a store such as ``s3://bucket/dataset``;
            absent, empty, or left by an interrupted build of the same configuration.
        config: what the dataset is; defaults to `BuildConfig`'s.
        workers: processes; the result does not depend on it.
        engine: who runs them, see `df8k.pool`; processes of this machine by default. Nor on this.
        skip_unreachable: reject files that cannot be fetched now, see `df8k.curation.obtain`.
        progress: called as work goes on.

    Raises:
        BuildError: ``out`` holds something else, another process builds there, or nothing is left to keep.
        SourceError: there are no candidates, or some cannot be fetched now.
        OSError: a file cannot be read or written.
    """
    config = config or BuildConfig()
    progress = progress or (lambda _stage, _done, _total: None)
    layout = Layout(locate(out))
    if isinstance(candidates, (str, Path)):
        refuse_sources_inside(layout.root, [str(candidates)])
        candidates = open_source(str(candidates))
    refuse_foreign_folder(layout)
    obtained = obtain(
        outside(candidates, layout.root),
        config,
        skip_unreachable=skip_unreachable,
        progress=lambda done: progress("reading", done, None),
    )
    progress("reading", len(obtained), len(obtained))
    ranked = rank(obtained, config)
    inputs = keyed_hash("inputs", *sorted(hash_ for hash_, _ in ranked))
    if layout.description.exists():
        return BuildReport(read_finished(layout, config, inputs), existed=True)
    with claim_folder(layout, config), open_workers(workers, engine) as opened:
        return _Builder(layout, config, opened, progress).run(ranked, never_seen(obtained), inputs)


class _Builder:
    """Stages of one build."""

    def __init__(self, layout: Layout, config: BuildConfig, workers: Workers, progress: Progress) -> None:
        self._layout, self._config, self._workers, self._progress = layout, config, workers, progress
        self._records = layout.work / "records"
        self._images = layout.work / "images"
        # Without checks there is nothing for a person to look over.
        self._thumbnails = None if config.curation is None else layout.work / "thumbnails"

    def run(
        self, ranked: list[tuple[str, Candidate]], never_seen: list[Decision], inputs: str
    ) -> BuildReport:
        examined = _stems(self._records)
        resumed = sum(hash_ in examined for hash_, _ in ranked)
        decisions = self._decide(ranked) + never_seen
        kept = {item.id: item for item in decisions if item.kept}
        if not kept:
            reasons = Counter(item.reason for item in decisions).most_common()
            counts = ", ".join(f"{count} {reason}" for reason, count in reasons)
            raise BuildError(f"no image is left of {len(decisions)} candidates: {counts}")
        splits = assign_splits(kept, self._config)
        masks = self._mask(kept, splits)
        self._place(kept, splits)
        description = self._describe(decisions, splits, masks, inputs)
        self._write_tables(decisions, splits, masks)
        facts = collect_facts(decisions, masks)
        figures = write_figures(self._layout.figures, facts)
        write_text(self._layout.card, card(description, facts, figures))
        write_text(self._layout.datasheet, datasheet(description, facts))
        metadata = croissant(self._layout.root, description, facts.licences)
        write_text(self._layout.croissant, json.dumps(metadata, indent=2) + "\n")
        if self._thumbnails is not None:
            write_review(self._layout.review, decisions, self._thumbnails, description.fingerprint)
        write_text(self._layout.description, description.model_dump_json(indent=2) + "\n")
        remove_folder(self._layout.work)
        return BuildReport(description, resumed=resumed)

    def _decide(self, ranked: list[tuple[str, Candidate]]) -> list[Decision]:
        checks, keep = self._config.checks, frozenset(self._config.keep)
        tasks = (
            Examination(
                path=candidate.path,
                source_sha256=source_sha256,
                checks=checks,
                keep=keep,
                records=self._records,
                images=self._images,
                thumbnails=self._thumbnails,
                fetch=portable(candidate.fetch) if self._workers.elsewhere else None,
                max_bytes=self._config.max_bytes,
            )
            for source_sha256, candidate in ranked
            if not any(excluded(candidate, self._config))
        )
        examined = self._workers.map(examine, tasks, crashed=give_up)
        return decide(ranked, self._reported("examining", examined, len(ranked)), self._config)

    def _mask(self, kept: dict[str, Decision], splits: dict[str, str]) -> dict[str, TestMask]:
        stored = {split: _stems(self._layout.root / split / "masks") for split in SPLITS}
        tasks = [
            MaskTask(
                image_id=image_id,
                width=kept[image_id].examined.width,
                height=kept[image_id].examined.height,
                preset=self._config.preset,
                version=self._config.version,
                path=self._layout.mask(split, image_id),
                stored=image_id in stored[split],
            )
            for image_id, split in sorted(splits.items())
            if split in self._config.masked
        ]
        made = self._reported("masking", self._workers.map(make_test_mask, tasks), len(tasks))
        return {mask.image_id: mask for mask in made}

    def _place(self, kept: dict[str, Decision], splits: dict[str, str]) -> None:
        staged = _stems(self._images)
        folders = {split: self._layout.root / split / "images" for split in set(splits.values())}
        placed = {split: _stems(folder) for split, folder in folders.items()}  # by an earlier run
        for image_id, decision in kept.items():
            if image_id not in staged and image_id not in placed[splits[image_id]]:
                (self._records / f"{decision.source_sha256}.json").unlink(missing_ok=True)
                raise BuildError(
                    f"{self._images} lacks {image_id}.png, which had a record, as after a power cut: run the "
                    "same command again, which examines its photograph anew"
                )
        moves = [
            (self._images / f"{image_id}.png", self._layout.image(splits[image_id], image_id))
            for image_id in kept
            if image_id in staged
        ]
        for folder in folders.values():
            folder.mkdir(parents=True, exist_ok=True)
        # A store copies what it moves: that takes a while. A disk renames.
        done = map(_move, moves) if remote(self._images) is None else self._workers.map(_move, moves)
        for _ in self._reported("placing", done, len(moves)):
            pass
        for folder in folders.values():
            if remote(folder) is None:
                flush(folder)

    def _write_tables(
        self, decisions: list[Decision], splits: dict[str, str], masks: dict[str, TestMask]
    ) -> None:
        rows = [decision.row(splits) for decision in decisions]
        rows.sort(key=lambda row: (row["source"], row["key"]))
        write_table(self._layout.manifest, rows, MANIFEST)
        for split in SPLITS:
            kept = sorted(
                (item for item in decisions if item.kept and splits[item.id] == split),
                key=lambda item: item.id,
            )
            if kept:
                table = [_metadata_row(item, masks.get(item.id)) for item in kept]
                write_table(self._layout.metadata(split), table, METADATA)

    def _describe(
        self, decisions: list[Decision], splits: dict[str, str], masks: dict[str, TestMask], inputs: str
    ) -> Description:
        kept = [item for item in decisions if item.kept]
        by_split = Counter(splits[item.id] for item in kept)
        verdicts = Counter(
            f"{item.verdict}: {item.reason}" if item.reason else item.verdict for item in decisions
        )
        return Description(
            name=self._config.name,
            version=self._config.version,
            configuration=self._config,
            inputs=inputs,
            counts={name: by_split[name] for name in SPLITS},
            decisions=dict(sorted(verdicts.items())),
            tools=tool_versions(),
            fingerprint=fingerprint(
                (
                    item.id,
                    splits[item.id],
                    item.pixel_sha256,
                    masks[item.id].sha256 if item.id in masks else "",
                )
                for item in kept
            ),
        )

    def _reported(self, stage: str, results: Iterator[T], total: int) -> Iterator[T]:
        for done, result in enumerate(results, 1):
            self._progress(stage, done, total)
            yield result


def _stems(folder: Path) -> frozenset[str]:
    """List the finished files of a folder by their stems: one listing, however many there are."""
    return frozenset(path.stem for path in folder.iterdir()) if folder.is_dir() else frozenset()


def _move(move: tuple[Path, Path]) -> None:
    source, target = move
    source.replace(target)


def _metadata_row(item: Decision, mask: TestMask | None) -> dict[str, Any]:
    record, candidate = item.examined, item.candidate
    row: dict[str, Any] = {
        "file_name": f"images/{item.id}.png",
        "id": item.id,
        "width": record.width,
        "height": record.height,
        "source": candidate.source,
        "licence": candidate.licence,
        "author": candidate.author,
        "origin": candidate.origin,
        "sha256": record.file_sha256,
        "pixel_sha256": record.pixel_sha256,
    }
    if mask is not None:
        row |= {"mask_file_name": f"masks/{item.id}.png", **mask.columns()}
    return row
