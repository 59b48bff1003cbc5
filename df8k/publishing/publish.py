"""Publish a dataset on the Hugging Face hub: what would go there, what stands in the way, the upload."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import new
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from _df8k.gate import GateError, inside
from df8k.curation.licences import not_redistributable
from df8k.curation.splits import SPLITS
from df8k.errors import DatasetError
from df8k.pool import Progress
from df8k.storage.description import Description, read_description
from df8k.storage.layout import Layout
from df8k.storage.manifest import MANIFEST, metadata_of, read_table

# Commits of this size go through without the hub's time limits; a later run takes up the rest.
_COMMIT_FILES: Final = 100
_COMMIT_BYTES: Final = 5_000_000_000
_SHOWN: Final = 5
_NOTICE: Final = """\
> **Pixels are not part of this repository.** Their licences do not let anyone pass them on.
> `manifest.parquet` names every picture with its source and hashes, the splits' tables hold the masks.
> `df8k build` fetches the pictures under their sources' own terms, and the fingerprint on this page says
> whether the result is the same.

"""


@dataclass(frozen=True)
class Upload:
    """One file: its path in the repository, and where its bytes are."""

    path: str
    content: Path | bytes

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size

    def hash(self, algorithm: str, head: bytes = b"") -> str:
        """Hash ``head`` and the bytes, in hexadecimal."""
        digest = new(algorithm, head, usedforsecurity=False)
        if isinstance(self.content, bytes):
            digest.update(self.content)
        else:
            with self.content.open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        return digest.hexdigest()


@dataclass(frozen=True)
class Plan:
    """Files of a publication, and what stands in its way.

    Attributes:
        repo: ``ORG/NAME``.
        uploads: in the order in which they go; ``df8k.json`` and the card come last.
        faults: what stands in the way; nothing is uploaded while there is any.
    """

    repo: str
    uploads: tuple[Upload, ...]
    faults: tuple[str, ...]


def plan(root: Path, repo: str, *, pixels: bool = True) -> Plan:
    """Plan a publication; asks no server.

    Args:
        root: a finished dataset, or what ``df8k pack`` made of it.
        repo: ``ORG/NAME``.
        pixels: ``False`` publishes manifest, tables and masks alone.

    Raises:
        DatasetError: not a dataset, or not the name of a repository.
    """
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(repo)
    except HFValidationError as error:
        raise DatasetError(f"{repo!r} cannot be a repository: {error}") from error
    if "/" not in repo:
        raise DatasetError(f"{repo!r} cannot be a repository: expected ORG/NAME")
    description = read_description(root)
    kept = [row for row in read_table(Layout(root).manifest, MANIFEST) if row["decision"] == "keep"]
    packed = (root / "data").is_dir()
    if packed and not pixels:
        raise DatasetError(f"{root} is packed, with the pixels inside; give the dataset's own folder")
    card, faults = _card(root, description, pixels=pixels)
    if packed:
        paths, more = _shards(root, description)
    else:
        paths, more = _files(root, description, pixels=pixels)
    faults += more
    if pixels:
        faults += _licence_faults(kept)
    last = [Upload("df8k.json", Layout(root).description), *card]
    files = [Upload(path.relative_to(root).as_posix(), path) for path in paths]
    return Plan(repo, (*files, *last), tuple(faults))


def _licence_faults(kept: list[dict[str, Any]]) -> list[str]:
    refused = Counter(fault for row in kept if (fault := not_redistributable(row["licence"], row["author"])))
    if not refused:
        return []
    worst = "; ".join(f"{count} times {fault}" for fault, count in refused.most_common(_SHOWN))
    remedy = "publish manifest and masks alone, --without-pixels"
    return [f"{refused.total()} of {len(kept)} images may not be passed on ({worst}): {remedy}"]


def _card(root: Path, description: Description, *, pixels: bool) -> tuple[list[Upload], list[str]]:
    """Check the card; without pixels, say so in it."""
    from huggingface_hub import DatasetCard

    path = Layout(root).card
    if not path.is_file():
        return [], [f"{path.name} is absent"]
    text = path.read_text(encoding="utf-8")
    faults = []
    if description.fingerprint not in text:
        faults.append(f"{path.name} does not name the fingerprint {description.fingerprint}")
    try:
        card = DatasetCard(text)
        head = card.data.to_dict()
    except Exception as error:  # noqa: BLE001 - YAML errors, and whatever the library adds
        return [Upload(path.name, path)], [
            *faults,
            f"the head of {path.name}: {' '.join(str(error).split())}",
        ]
    if not head.get("configs"):
        faults.append(f"the head of {path.name} has no configs: the hub would not know the splits")
    if pixels:
        return [Upload(path.name, path)], faults
    card.data.configs = [{"config_name": "manifest", "data_files": "manifest.parquet"}]
    body = card.text.replace("\n## ", f"\n{_NOTICE}## ", 1)
    return [Upload(path.name, f"---\n{card.data.to_yaml()}\n---\n{body}".encode())], faults


def _files(root: Path, description: Description, *, pixels: bool) -> tuple[list[Path], list[str]]:
    """List the files of a plain dataset; its review pages, which show rejected images, are none of them."""
    layout = Layout(root)
    paths = [layout.manifest]
    if pixels:
        paths.append(layout.croissant)
    paths += sorted(path for path in root.glob("*.md") if path != layout.card)
    paths += sorted(path for path in (root / "figures").glob("*") if path.is_file())
    kinds = ("file_name", "mask_file_name") if pixels else ("mask_file_name",)
    for split in SPLITS:
        if description.counts.get(split):
            table = layout.metadata(split)
            rows = read_table(table, metadata_of(description.format_version))
            paths.append(table)
            paths += [_inside(table.parent, row[kind]) for row in rows for kind in kinds if row[kind]]
    absent = [path.relative_to(root).as_posix() for path in paths if not path.is_file()]
    return [path for path in paths if path.is_file()], _absent(absent)


def _inside(folder: Path, name: str) -> Path:
    try:
        return inside(folder, name)
    except GateError as fault:
        raise DatasetError(f"{fault}; df8k verify lists what is wrong") from fault


def _shards(root: Path, description: Description) -> tuple[list[Path], list[str]]:
    """List the files of a packed dataset."""
    paths = [Layout(root).manifest]
    absent: list[str] = []
    faults: list[str] = []
    for split in (split for split in SPLITS if description.counts.get(split)):
        shards = sorted((root / "data").glob(f"{split}-*-of-*.*"))
        total = int(shards[0].stem.rpartition("-")[2]) if shards else 1
        if len(shards) != total:
            absent += [f"{total - len(shards)} of {total} shards of {split}"]
        rows = [pq.read_metadata(path).num_rows for path in shards if path.suffix == ".parquet"]
        if rows and not absent and sum(rows) != description.counts[split]:
            faults.append(f"{split} has {sum(rows)} rows, df8k.json says {description.counts[split]}")
        paths += shards
    return paths, faults + _absent(absent)


def _absent(names: list[str]) -> list[str]:
    if not names:
        return []
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return [f"absent: {', '.join(names[:_SHOWN])}{more}; df8k verify lists what is wrong"]


def publish(plan: Plan, *, private: bool = False, progress: Progress | None = None) -> str:
    """Upload what a plan lists; files that the repository has already are not sent again.

    Args:
        plan: without faults.
        private: whether a new repository is.
        progress: called after each commit.

    Returns:
        address of the repository.

    Raises:
        DatasetError: the plan has faults, the repository holds other files, or the hub refuses.
    """
    from huggingface_hub import CommitOperationAdd, HfApi
    from huggingface_hub.utils import disable_progress_bars

    if plan.faults:
        raise DatasetError("; ".join(plan.faults))
    progress = progress or (lambda _stage, _done, _total: None)
    disable_progress_bars()  # one for each file, whether or not anybody watches
    try:
        api = HfApi()
        address = api.create_repo(plan.repo, repo_type="dataset", private=private or None, exist_ok=True)
        present = _present(api, plan.repo)
        _refuse_other_files(plan, present)
        missing = [item for item in plan.uploads if not _is_there(item, present)]
        done = len(plan.uploads) - len(missing)
        progress("publishing", done, len(plan.uploads))
        for batch in _batches(missing):
            adds = [
                CommitOperationAdd(
                    item.path, item.content if isinstance(item.content, bytes) else str(item.content)
                )
                for item in batch
            ]
            message = f"Add {len(batch)} files, {done + len(batch)} of {len(plan.uploads)}"
            api.create_commit(plan.repo, adds, commit_message=message, repo_type="dataset")
            done += len(batch)
            progress("publishing", done, len(plan.uploads))
    except DatasetError:
        raise
    except Exception as error:  # the library lets whatever its own ones raise through
        words = " ".join(f"{error} {error.__cause__ or ''}".split())
        raise DatasetError(f"{plan.repo}: {words}; run the same command again to go on") from error
    return str(address)


def _present(api: Any, repo: str) -> dict[str, Any]:
    """List the files of the repository."""
    entries = api.list_repo_tree(repo, recursive=True, repo_type="dataset")
    # A repository begins with its own list of large types; folders have no size.
    return {
        entry.path: entry for entry in entries if hasattr(entry, "size") and entry.path != ".gitattributes"
    }


def _refuse_other_files(plan: Plan, present: Iterable[str]) -> None:
    """Refuse files of another dataset or an older version, which would be loaded with this one."""
    others = sorted(set(present) - {item.path for item in plan.uploads})
    if others:
        raise DatasetError(
            f"{plan.repo} holds {len(others)} files that are not of this dataset, {others[0]} first: "
            "publish to a repository of its own"
        )


def _is_there(item: Upload, present: dict[str, Any]) -> bool:
    entry = present.get(item.path)
    if entry is None or entry.size != item.size:
        return False
    if entry.lfs:
        return bool(entry.lfs.sha256 == item.hash("sha256"))
    return bool(entry.blob_id == item.hash("sha1", b"blob %d\0" % item.size))  # as git names a file


def _batches(uploads: list[Upload]) -> Iterator[list[Upload]]:
    batch: list[Upload] = []
    size = 0
    for item in uploads:
        if batch and (len(batch) == _COMMIT_FILES or size + item.size > _COMMIT_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += item.size
    if batch:
        yield batch
