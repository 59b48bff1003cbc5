"""Photographs of Wikimedia Commons, by category or search.

The API is described at https://www.mediawiki.org/wiki/API:Imageinfo, its etiquette (requests in series, a
user agent with a contact, ``maxlag``) at https://www.mediawiki.org/wiki/API:Etiquette.
"""

from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Final

import httpx

from _df8k.patience import PassingError, Turns, check_status, describe, retry_after_s, user_agent
from df8k.errors import SourceError
from df8k.sources.download import Patience

from .base import Candidate, SourceInfo
from .cache import cache_folder
from .credits import is_unknown
from .listing import Page, listed
from .markup import plain_text
from .options import RowSample, parse_options, whole
from .webfile import WebFile

_API: Final = "https://commons.wikimedia.org/w/api.php"
_TYPES: Final = frozenset({"image/jpeg", "image/png", "image/tiff", "image/webp", "image/bmp"})
_FIELDS: Final = "LicenseShortName|License|LicenseUrl|Artist|Attribution"
_INTERVAL_S: Final = 0.5
_BUSY: Final = frozenset({"maxlag", "ratelimited", "readonly"})
_EVERY: Final = {
    "action": "query",
    "format": "json",
    "formatversion": "2",
    "maxlag": "5",
    "prop": "imageinfo",
    "iiprop": "url|size|sha1|mime|extmetadata",
    "iiextmetadatafilter": _FIELDS,
}


class Commons:
    """Photographs of one or more categories or searches; ``api`` names another wiki with MediaWiki's API."""

    info: ClassVar[SourceInfo] = SourceInfo(
        spec="commons:category=NAME or commons:search=WORDS, &share=F&first=N",
        obtained="Wikimedia Commons, one request at a time",
        licence="the API, for each picture",
        known="width, height, bytes, SHA-1",
    )

    def __init__(
        self,
        spec: str,
        *,
        name: str = "commons",
        licence: str = "",
        cache: Path | None = None,
        patience: Patience | None = None,
        interval_s: float = _INTERVAL_S,
    ) -> None:
        """Describe what is wanted; nothing is asked for before the first candidate is.

        Raises:
            SourceError: the SPEC is not one.
        """
        whole_spec = f"commons:{spec}"
        options = parse_options(whole_spec, spec, ("category", "search", "api", *RowSample.KEYS))
        self._wanted = [(key, value) for key, value in options if key in {"category", "search"}]
        if not self._wanted:
            raise SourceError(f"{whole_spec}: expected category=NAME or search=WORDS")
        self._api = dict(options).get("api", _API)
        self._sample = RowSample.of(whole_spec, dict(options))
        self._name, self._licence, self._cache = name, licence, cache
        self._patience, self._turns = patience or Patience(), Turns(interval_s)

    def __iter__(self) -> Iterator[Candidate]:
        """List every photograph, each once, in the order of the wiki's lists."""
        return (self._candidate(row) for row in self._sample.of_rows(self._rows(), lambda row: row["title"]))

    def _rows(self) -> Iterator[dict[str, Any]]:
        seen: set[str] = set()
        for kind, value in self._wanted:
            name = sha256(f"{self._api}|{kind}|{value}".encode()).hexdigest()[:16]
            ask = partial(self._page, _generator(kind, value))
            for row in listed((self._cache or cache_folder()) / f"commons-{name}", ask):
                if row["title"] not in seen:
                    seen.add(row["title"])
                    yield row

    def _page(self, generator: dict[str, str], following: dict[str, str] | None) -> Page:
        answer = self._ask(_EVERY | generator | (following or {}))
        pages = answer.get("query", {}).get("pages", [])
        # A page whose details did not fit into this answer comes again in a later one, with them.
        rows = [_row(page) for page in pages if page.get("imageinfo")]
        return Page([row for row in rows if row.pop("mime") in _TYPES], answer.get("continue"))

    def _ask(self, parameters: dict[str, str]) -> dict[str, Any]:
        try:
            for attempt in self._patience.retrying():
                with attempt, self._turns:
                    return self._answer(parameters)
        except (PassingError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise SourceError(f"{self._api}: {describe(error)}") from error
        raise AssertionError  # the attempts end with a value or an error

    def _answer(self, parameters: dict[str, str]) -> dict[str, Any]:
        reply = httpx.get(
            self._api,
            params=parameters,
            headers={"User-Agent": user_agent()},
            timeout=self._patience.timeout_s,
            follow_redirects=True,
        )
        check_status(reply)
        try:
            answer: dict[str, Any] = reply.json()
        except ValueError as error:
            raise PassingError("the answer is not JSON") from error
        if fault := answer.get("error"):
            if fault.get("code") in _BUSY:
                raise PassingError(f"the wiki is busy: {fault.get('code')}", retry_after_s(reply))
            raise SourceError(f"{self._api}: {fault.get('code')}: {fault.get('info')}")
        return answer

    def _candidate(self, row: dict[str, Any]) -> Candidate:
        web = WebFile(
            url=row["url"],
            checksum=f"sha1:{row['sha1']}" if row["sha1"] else "",
            size=row["size"],
            cache=self._cache,
            patience=self._patience,
            turns=self._turns,
        )
        return Candidate(
            source=self._name,
            key=row["title"],
            path=web.path,
            licence=row["licence"] or self._licence,
            author=row["author"],
            origin=row["origin"],
            width=row["width"],
            height=row["height"],
            size=row["size"],
            fetch=web,
        )


def _generator(kind: str, value: str) -> dict[str, str]:
    if kind == "category":
        title = f"Category:{value.removeprefix('Category:')}"
        return {"generator": "categorymembers", "gcmtitle": title, "gcmtype": "file", "gcmlimit": "50"}
    return {"generator": "search", "gsrsearch": value, "gsrnamespace": "6", "gsrlimit": "50"}


def _row(page: dict[str, Any]) -> dict[str, Any]:
    """Keep what is needed of one image of an answer."""
    info = page["imageinfo"][0]
    fields = info.get("extmetadata") or {}

    def words(name: str) -> str:
        """Take a field without its markup, on one line."""
        value = (fields.get(name) or {}).get("value")
        return "" if value is None else plain_text(str(value))

    artist, attribution = words("Artist"), words("Attribution")
    return {
        "title": str(page["title"]),
        "url": str(info.get("url", "")),
        "mime": info.get("mime"),
        "sha1": str(info.get("sha1", "")).lower(),
        "size": whole(info.get("size")),
        "width": whole(info.get("width")),
        "height": whole(info.get("height")),
        "licence": words("LicenseShortName") or words("License"),
        "author": attribution if attribution and is_unknown(artist) else artist,
        "origin": str(info.get("descriptionurl", "")),
    }
