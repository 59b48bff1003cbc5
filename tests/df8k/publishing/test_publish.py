"""Publishing, against a hub on the loopback interface."""

import json

import huggingface_hub
import pytest
from click.testing import CliRunner
from huggingface_hub import constants
from PIL import Image

import df8k
from df8k.builder import build
from df8k.cli import cli
from df8k.config import BuildConfig
from df8k.publishing.pack import pack
from df8k.publishing.publish import plan, publish
from df8k.scenes import render
from df8k.sources import candidates
from df8k.verification import verify

# huggingface_hub sends large files in a form that httpx deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@pytest.fixture(scope="module")
def datasets_of(tmp_path_factory):
    """Licence of its pictures → dataset."""
    datasets = {}
    for licence in ("CC0-1.0", "academic research only (DIV2K)"):
        folder = tmp_path_factory.mktemp("photographs")
        for index in range(10):
            Image.fromarray(render("fence", 80, 70 + index, f"{index}")).save(folder / f"{index}.png")
        lines = [f"{index}.png,Ada,{licence}" for index in range(10)]
        (folder / "CREDITS.csv").write_text("\n".join(["file,author,licence", *lines]))
        out = tmp_path_factory.mktemp("published") / "dataset"
        build(candidates([str(folder)]), out, BuildConfig(min_side=64))
        (out / "review").mkdir()
        (out / "review" / "kept-1.html").write_text("pages for people stay here")
        datasets[licence] = out
    return datasets


@pytest.fixture
def free(datasets_of):
    return datasets_of["CC0-1.0"]


@pytest.fixture
def closed(datasets_of):
    return datasets_of["academic research only (DIV2K)"]


@pytest.fixture
def endpoint(hub, monkeypatch, tmp_path):
    """The hub as huggingface_hub's endpoint; files go by LFS, which the hub offers beside its own store."""
    monkeypatch.setattr(constants, "ENDPOINT", hub.server.url)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setenv("HF_TOKEN", "hf_test")
    return hub


def run(*arguments: str):
    return CliRunner().invoke(cli, ["publish", *arguments])


def files_of(root) -> dict[str, bytes]:
    paths = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def test_a_dry_run_lists_files_and_sizes_and_asks_no_server(free, endpoint):
    result = run(str(free), "--repo", "ada/df8k-open")
    assert result.exit_code == 0
    assert "train/images/" in result.output
    assert "add --yes" in result.output
    listed = json.loads(run(str(free), "--repo", "ada/df8k-open", "--json").stdout)
    expected = {name: len(data) for name, data in files_of(free).items() if not name.startswith("review/")}
    assert {item["path"]: item["bytes"] for item in listed["files"]} == expected
    assert [item["path"] for item in listed["files"][-2:]] == ["df8k.json", "README.md"]
    assert endpoint.calls == []


def test_what_is_published_is_the_dataset(free, endpoint, tmp_path):
    done = run(str(free), "--repo", "ada/df8k-open", "--yes", "--private", "--workers", "1")
    assert done.exit_code == 0, done.output
    repository = endpoint.repositories["ada/df8k-open"]
    assert endpoint.private["ada/df8k-open"]
    assert repository == {name: data for name, data in files_of(free).items() if "review" not in name}
    for name, data in repository.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    assert verify(tmp_path) == []


def test_an_interrupted_upload_goes_on_where_it_stopped(free, endpoint, monkeypatch):
    monkeypatch.setattr("df8k.publishing.publish._COMMIT_FILES", 4)
    planned = plan(free, "ada/df8k-open")

    def stop(_stage, done, _total):
        if done >= 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(planned, progress=stop)
    begun = [path for paths in endpoint.commits for path in paths]
    assert len(begun) == 8
    assert "df8k.json" not in begun
    publish(planned)
    sent = [path for paths in endpoint.commits for path in paths]
    assert sorted(sent) == sorted(item.path for item in planned.uploads)
    publish(planned)
    assert [path for paths in endpoint.commits for path in paths] == sent


def test_pixels_that_may_not_be_passed_on_are_refused(closed, endpoint):
    refused = run(str(closed), "--repo", "ada/df8k-faithful", "--yes")
    assert refused.exit_code == 1
    assert "10 of 10 images may not be passed on" in refused.output
    assert "--without-pixels" in refused.output
    assert endpoint.calls == []


def test_manifest_and_masks_go_without_pixels(closed, endpoint):
    done = run(str(closed), "--repo", "ada/df8k-faithful", "--yes", "--without-pixels", "--workers", "1")
    assert done.exit_code == 0, done.output
    repository = endpoint.repositories["ada/df8k-faithful"]
    assert not [name for name in repository if "images" in name or "review" in name]
    assert {"manifest.parquet", "df8k.json", "README.md", "test/metadata.parquet"} <= set(repository)
    masks = [name for name in repository if name.startswith("test/masks/")]
    assert len(masks) == len(df8k.load(closed, "test"))
    card = huggingface_hub.DatasetCard(repository["README.md"].decode())
    assert card.data.configs == [{"config_name": "manifest", "data_files": "manifest.parquet"}]
    assert "Pixels are not part of this repository" in card.text
    assert repository["README.md"] != (closed / "README.md").read_bytes()


def test_a_packed_dataset_is_published_whole_or_not_at_all(free, closed, endpoint, tmp_path):
    pack(free, tmp_path / "packed", "parquet")
    pack(closed, tmp_path / "closed", "webdataset")
    assert plan(tmp_path / "packed", "ada/set").faults == ()
    assert "may not be passed on" in plan(tmp_path / "closed", "ada/set").faults[0]
    with pytest.raises(df8k.DatasetError, match="with the pixels inside"):
        plan(tmp_path / "closed", "ada/set", pixels=False)
    (tmp_path / "packed/data/test-00000-of-00001.parquet").unlink()
    assert "1 of 1 shards of test" in plan(tmp_path / "packed", "ada/set").faults[0]


@pytest.mark.parametrize(
    ("harm", "finding"),
    [
        (lambda root: (root / "README.md").unlink(), "README.md is absent"),
        (lambda root: (root / "README.md").write_text("# mine"), "does not name the fingerprint"),
        (lambda root: (root / "README.md").write_text("---\na: [\n---\n"), "the head of README.md"),
        (lambda root: next((root / "train/images").iterdir()).unlink(), "absent: train/images/"),
    ],
)
def test_a_damaged_dataset_is_not_published(free, tmp_path, harm, finding):
    for name, data in files_of(free).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    harm(tmp_path)
    faults = plan(tmp_path, "ada/set").faults
    assert any(finding in fault for fault in faults)
    with pytest.raises(df8k.DatasetError, match=finding):
        publish(plan(tmp_path, "ada/set"))


def test_changed_pixels_are_found_before_anything_is_sent(free, endpoint, tmp_path):
    for name, data in files_of(free).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    image = next((tmp_path / "train/images").iterdir())
    image.write_bytes(image.read_bytes()[:-1])
    refused = run(str(tmp_path), "--repo", "ada/set", "--yes", "--workers", "1")
    assert refused.exit_code == 1
    assert image.name in refused.output
    assert endpoint.calls == []


def test_what_the_hub_refuses_is_one_line(free, endpoint):
    endpoint.refuse = 401
    refused = run(str(free), "--repo", "ada/set", "--yes", "--workers", "1")
    assert refused.exit_code == 2
    assert "ada/set: " in refused.output
    assert "401" in refused.output
    assert len(refused.output.strip().splitlines()[-1]) > 20


def test_a_repository_with_other_files_is_left_alone(free, endpoint):
    endpoint.repositories["ada/set"] = {"train/images/other.png": b"x" * 10, ".gitattributes": b"*"}
    with pytest.raises(df8k.DatasetError, match="holds 1 files that are not of this dataset"):
        publish(plan(free, "ada/set"))
    assert endpoint.commits == []


@pytest.mark.parametrize("repo", ["nobody", "a/b/c", "a b/c"])
def test_names_that_are_none_are_refused(free, repo):
    with pytest.raises(df8k.DatasetError, match="cannot be a repository"):
        plan(free, repo)
