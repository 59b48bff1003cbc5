"""Photographs of a data set on the Hugging Face hub, row by row: nothing is fetched but what is taken."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Final

from _df8k.gate import shown
from df8k.errors import SourceError
from df8k.sources.download import Patience

from .base import Candidate, Fetch, SourceInfo
from .cache import cache_folder
from .filesystem import FileSystemFile
from .listing import Page, listed
from .options import RowSample, parse_options, whole
from .webfile import WebFile, store, stored_at

_ROWS: Final = 1000
_REMOTE: Final = frozenset({"http", "https", "hf", "s3", "s3a", "gs", "gcs"})
_CONTAINERS: Final = frozenset({"zip", "tar"})
# Column names seen on the hub, by what they mean to us.
_COLUMNS: Final = {
    "image": ("image", "img", "url", "image_url"),
    "licence": ("licence", "license"),
    "author": ("author", "artist", "creator", "photographer"),
    "origin": ("source_url", "landing_url", "page_url", "source", "url"),
    "width": ("width", "image_width"),
    "height": ("height", "image_height"),
    "md5": ("md5",),
    "sha256": ("sha256",),
    "key": ("id", "key", "name", "file_name"),
}
_KEYS: Final = ("split", "config", "revision", *_COLUMNS, *RowSample.KEYS)


class HuggingFace:
    """Rows of a data set; ``image=COLUMN`` and its like say which column means what.

    An image may stand in its row, or the row may name its address. Rows that were read are kept in the cache
    with the images that stood in them.
    """

    info: ClassVar[SourceInfo] = SourceInfo(
        spec="huggingface:ORG/NAME?split=train&image=COLUMN&…&share=F&first=N",
        obtained="the hub, streamed; pictures in the rows or at the addresses that they name",
        licence="column licence or license, for each picture",
        known="columns width and height; a picture in a row comes with the row",
    )

    def __init__(
        self,
        spec: str,
        *,
        name: str = "huggingface",
        licence: str = "",
        cache: Path | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Describe the data set; nothing is asked for before the first candidate is.

        Raises:
            SourceError: the SPEC is not one.
        """
        self._id, _, text = spec.partition("?")
        if not self._id:
            raise SourceError("huggingface: expected the name of a data set, huggingface:ORG/NAME")
        self._spec = f"huggingface:{spec}"
        self._options = dict(parse_options(self._spec, text, _KEYS))
        self._sample = RowSample.of(self._spec, self._options)
        self._name, self._licence, self._cache, self._patience = name, licence, cache, patience

    def __iter__(self) -> Iterator[Candidate]:
        """List every image of the rows that are taken, in their order."""
        options = sorted((key, value) for key, value in self._options.items() if key != "first")
        name = sha256(repr((self._id, options)).encode()).hexdigest()[:16]
        stream = _Stream(self._spec, self._id, self._options, self._sample, self._cache)
        rows = listed((self._cache or cache_folder()) / f"huggingface-{name}", stream.page)
        # The fraction was taken when the rows were read.
        taken = islice(rows, self._sample.first) if self._sample.first else rows
        return (self._candidate(row) for row in taken)

    def _candidate(self, row: dict[str, Any]) -> Candidate:
        path, fetch = self._place(row)
        return Candidate(
            source=self._name,
            key=row["key"],
            path=path,
            licence=row["licence"] or self._licence,
            author=row["author"],
            origin=row["origin"] or f"https://huggingface.co/datasets/{self._id}",
            width=whole(row["width"]),
            height=whole(row["height"]),
            fetch=fetch,
        )

    def _place(self, row: dict[str, Any]) -> tuple[Path, Fetch | None]:
        """Find the path of a row's image, and what fetches it there."""
        if row["stored"]:
            return stored_at(self._cache, row["stored"]), None
        url = row["image"]
        if not url.startswith(("http://", "https://")):
            self._refuse_local(url)
            remote = FileSystemFile(url=url, cache=self._cache, patience=self._patience)
            return remote.path, remote
        checksums = [f"{kind}:{row[kind].lower()}" for kind in ("sha256", "md5") if row[kind]]
        web = WebFile(url=url, checksum=next(iter(checksums), ""), cache=self._cache, patience=self._patience)
        return web.path, web

    def _refuse_local(self, url: str) -> None:
        """Refuse a row that names a file of this machine: a data set is a stranger's word."""
        schemes = [link.partition("://")[0] if "://" in link else "" for link in url.split("::")]
        if schemes[-1] not in _REMOTE or not set(schemes) <= _REMOTE | _CONTAINERS:
            raise SourceError(
                f"{self._spec}: a row names {shown(url)}, which is no address on the web: the pictures of a "
                "data set are taken from its rows, or from http, https, hf, s3 and gs addresses"
            )


class _Stream:
    """Pages of a streamed data set; a page after an interruption begins where the one before it ended."""

    def __init__(
        self, spec: str, name: str, options: Mapping[str, str], sample: RowSample, cache: Path | None
    ) -> None:
        self._spec, self._id, self._options = spec, name, options
        self._sample, self._cache = sample, cache
        self._data: Any = None
        self._rows: Iterator[dict[str, Any]] = iter(())
        self._columns: dict[str, str] = {}

    def page(self, following: dict[str, Any] | None) -> Page:
        """Read the next rows."""
        start = following["row"] if following else 0
        # The libraries below raise whatever the trouble led to.
        try:
            if self._data is None:
                self._open(following)
            read = list(islice(self._rows, _ROWS))
            state = self._data.state_dict() if len(read) == _ROWS else None
        except SourceError:
            raise
        except Exception as error:
            raise SourceError(f"{self._spec}: {' '.join(str(error).split())}") from error
        numbered = ((self._value(row, "key") or f"row {start + at}", row) for at, row in enumerate(read))
        rows = [self._row(key, row) for key, row in numbered if self._sample.holds(key)]
        return Page(rows, state and {"row": start + len(read), "state": state})

    def _open(self, following: dict[str, Any] | None) -> None:
        import datasets

        config, revision = self._options.get("config"), self._options.get("revision")
        split = self._options.get("split", "train")
        data = datasets.load_dataset(self._id, config, split=split, revision=revision, streaming=True)
        names = data.column_names or list(next(iter(data), {}))
        for name, feature in (data.features or {}).items():
            if isinstance(feature, datasets.Image):  # its bytes as they are, not decoded and encoded anew
                data = data.cast_column(name, datasets.Image(decode=False))
        if following:
            data.load_state_dict(following["state"])
        self._columns = self._choose(names)
        self._data, self._rows = data, iter(data)

    def _choose(self, names: list[str]) -> dict[str, str]:
        """Choose the column of each meaning."""
        columns = {}
        for meaning, usual in _COLUMNS.items():
            named = self._options.get(meaning)
            if named is not None and named not in names:
                raise SourceError(f"{self._spec}: no column is called {named!r}: it has {', '.join(names)}")
            columns[meaning] = named or next((name for name in usual if name in names), "")
        if not columns["image"]:
            raise SourceError(
                f"{self._spec}: say which column has the pictures, image=COLUMN: {', '.join(names)}"
            )
        return columns

    def _value(self, row: dict[str, Any], meaning: str) -> str:
        value = row.get(self._columns[meaning])
        return "" if value is None else str(value)

    def _row(self, key: str, row: dict[str, Any]) -> dict[str, Any]:
        """Keep what is needed of one row; an image that stands in it goes to the cache."""
        meanings = ("licence", "author", "origin", "width", "height", "md5", "sha256")
        kept = {meaning: self._value(row, meaning) for meaning in meanings}
        image = row[self._columns["image"]]
        path, stored = image, ""
        if isinstance(image, dict):
            path = image.get("path") or ""
            if data := image.get("bytes"):
                stored = sha256(data).hexdigest()
                store(self._cache, data)
        return kept | {"key": key, "image": str(path or ""), "stored": stored}
