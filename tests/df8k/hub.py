"""The part of the Hugging Face hub's HTTP API that reading and publishing a data set use.

The shapes are those that huggingface_hub's own client sends and expects: HfApi.create_repo, create_commit,
list_repo_tree, dataset_info and downloads of files.
"""

from __future__ import annotations

import base64
import json
from hashlib import sha1, sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote

if TYPE_CHECKING:
    from server import Answer, Server

_LARGE = 1000  # bytes; beyond them a file goes to the store for large ones
REVISION = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """Repositories of data sets: ``repositories[name][path]`` → bytes; what was sent stands in ``sent``."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.repositories: dict[str, dict[str, bytes]] = {}
        self.private: dict[str, bool] = {}
        self.objects: dict[str, bytes] = {}
        self.calls: list[tuple[str, str]] = []
        self.commits: list[list[str]] = []
        self.refuse = 0
        server.answer = self.answer

    def answer(self, method: str, path: str, query: str, body: bytes) -> Answer | None:
        path = unquote(path)
        self.calls.append((method, path))
        if self.refuse:
            return _json({"error": "Invalid credentials in Authorization header"}, self.refuse)
        for begins, act in (
            ("/api/repos/create", self._create),
            ("/api/validate-yaml", lambda *_: _json({"errors": [], "warnings": []})),
            ("/api/datasets/", self._api),
            ("/datasets/", self._files),
            ("/objects/", self._object),
        ):
            if path.startswith(begins):
                return act(method, path, parse_qs(query), body)
        return None

    def _create(self, _method, _path, _query, body) -> Answer:
        requested = json.loads(body)
        name = f"{requested['organization']}/{requested['name']}"
        links = {"url": f"{self.server.url}/datasets/{name}"}
        if name in self.repositories:
            return _json(links | {"error": "You already created this dataset repo"}, 409)
        self.repositories[name] = {}
        self.private[name] = requested.get("visibility") == "private"
        return _json(links)

    def _api(self, method, path, query, body) -> Answer | None:
        owner, name, *rest = path.removeprefix("/api/datasets/").split("/")
        repository = self.repositories.get(f"{owner}/{name}")
        if repository is None:
            return _json({"error": "Repository not found"}, 404, {"X-Error-Code": "RepoNotFound"})
        verb = rest[0] if rest else "info"
        if verb in {"info", "revision"}:
            return _json(self._info(f"{owner}/{name}", repository))
        if verb == "tree":
            return _json(
                _tree(
                    repository, "/".join(rest[2:]), query.get("recursive", [""])[0].lower() in {"true", "1"}
                )
            )
        if verb == "paths-info":
            return self._paths_info(repository, body)
        if verb == "preupload":
            return _json({"files": [_mode(file) for file in json.loads(body)["files"]]})
        if verb == "commit" and method == "POST":
            return self._commit(f"{owner}/{name}", repository, body)
        return None

    def _info(self, name, repository):
        siblings = [{"rfilename": path} for path in sorted(repository)]
        return {"_id": "1", "id": name, "sha": REVISION, "private": False, "tags": [], "siblings": siblings}

    def _paths_info(self, repository, body) -> Answer:
        query = json.loads(body) if body[:1] == b"{" else parse_qs(body.decode())
        paths = query.get("paths", [])
        return _json([_entry(path, repository[path]) for path in paths if path in repository])

    def _commit(self, name, repository, body) -> Answer:
        lines = [json.loads(line) for line in body.splitlines()]
        paths = []
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                repository[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                repository[value["path"]] = self.objects[value["oid"]]
            else:
                continue
            paths.append(value["path"])
        self.commits.append(paths)
        return _json(
            {
                "commitUrl": f"{self.server.url}/datasets/{name}/commit/{REVISION}",
                "commitOid": REVISION,
                "hookOutput": "",
            }
        )

    def _files(self, method, path, _query, body) -> Answer | None:
        if path.endswith(".git/info/lfs/objects/batch"):
            return self._batch(json.loads(body))
        name, _, rest = path.removeprefix("/datasets/").partition("/resolve/")
        _, _, file = rest.partition("/")
        data = self.repositories.get(name, {}).get(file)
        if data is None:
            return 404, {"X-Error-Code": "EntryNotFound"}, b""
        headers = {"X-Repo-Commit": REVISION, "ETag": f'"{sha1(data).hexdigest()}"', "Accept-Ranges": "bytes"}
        return 200, headers, data

    def _batch(self, request) -> Answer:
        entries = []
        for item in request["objects"]:
            links = {"href": f"{self.server.url}/objects/{item['oid']}"}
            have = item["oid"] in self.objects
            entries.append(item if have else item | {"actions": {"upload": links}})
        return _json(
            {"transfer": "basic", "objects": entries}, 200, {"Content-Type": "application/vnd.git-lfs+json"}
        )

    def _object(self, _method, path, _query, body) -> Answer:
        assert path == f"/objects/{sha256(body).hexdigest()}"
        self.objects[path.removeprefix("/objects/")] = body
        return 200, {}, b""


def _json(value, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return status, {"Content-Type": "application/json"} | (headers or {}), json.dumps(value).encode()


def _mode(file):
    large = file["size"] > _LARGE
    return {"path": file["path"], "uploadMode": "lfs" if large else "regular", "shouldIgnore": False}


def _entry(path, data):
    entry = {"type": "file", "path": path, "size": len(data)}
    if len(data) > _LARGE:
        lfs = {"oid": sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
        return entry | {"oid": sha1(path.encode()).hexdigest(), "lfs": lfs}
    return entry | {"oid": sha1(b"blob %d\0" % len(data) + data).hexdigest()}


def _tree(repository, folder, recursive):
    prefix = f"{folder}/" if folder else ""
    inside = {path: data for path, data in repository.items() if path.startswith(prefix)}
    if recursive:
        return [_entry(path, data) for path, data in sorted(inside.items())]
    files = [_entry(path, data) for path, data in sorted(inside.items()) if "/" not in path[len(prefix) :]]
    folders = sorted(
        {prefix + path[len(prefix) :].split("/")[0] for path in inside if "/" in path[len(prefix) :]}
    )
    return files + [{"type": "directory", "path": name, "size": 0, "oid": "0" * 40} for name in folders]
