"""The part of MediaWiki's API that lists pictures with their details, in the shape that Commons answers."""

from __future__ import annotations

import json
from hashlib import sha1
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from server import Server


class Wiki:
    """Answers like MediaWiki's API: pages of two; some details of the first come one answer late."""

    def __init__(self, server: Server, files: dict[str, bytes]) -> None:
        self.server, self.queries = server, []
        self.titles = {f"File:{name[1:]}": details(server, name, data) for name, data in files.items()}
        server.answer = self.answer

    def answer(self, method, path, query, body):
        if path != "/api.php":
            return None
        asked = {key: values[0] for key, values in parse_qs(query).items()}
        self.queries.append(asked)
        assert asked["action"] == "query"
        assert asked["formatversion"] == "2"
        start = int(asked.get("gcmcontinue", "0"))
        late = start == 0 and "iicontinue" not in asked
        names = list(self.titles)[start : start + 2]
        pages = [
            {"pageid": start + at, "ns": 6, "title": name}
            | ({} if late and at else {"imagerepository": "local", "imageinfo": [self.titles[name]]})
            for at, name in enumerate(names)
        ]
        answer = {"batchcomplete": True, "query": {"pages": pages}}
        if late:
            answer["continue"] = {"iicontinue": f"{names[1]}|20240101", "continue": "||"}
        elif start + 2 < len(self.titles):
            answer["continue"] = {"gcmcontinue": str(start + 2), "continue": "gcmcontinue||"}
        return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()


def details(server, name: str, data: bytes, **changes) -> dict:
    """The shape of ``imageinfo`` as Commons answers it."""
    licence = changes.pop("licence", "CC BY-SA 4.0")
    artist = '<a href="//commons.wikimedia.org/wiki/User:Ada" title="User:Ada">Ada &amp;\n <b>Grace</b></a>'
    return {
        "size": len(data),
        "width": 300,
        "height": 200,
        "url": f"{server.url}{name}",
        "descriptionurl": f"https://commons.wikimedia.org/wiki/File:{name[1:]}",
        "sha1": sha1(data).hexdigest(),
        "mime": "image/png",
        "extmetadata": {
            "LicenseShortName": {"value": licence, "source": "commons-desc-page", "hidden": ""},
            "Artist": {"value": changes.pop("artist", artist), "source": "commons-desc-page"},
        },
        **changes,
    }
