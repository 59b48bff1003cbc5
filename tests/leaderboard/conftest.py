"""A tiny dataset of rendered scenes and a headless browser, each made once."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

import df8k
from baselines import MethodCard
from df8k.builder import build
from df8k.config import BuildConfig
from df8k.identity import fingerprint
from df8k.scenes import KINDS, render
from df8k.sources import candidates
from df8k.storage.layout import Layout
from df8k.storage.manifest import metadata_of, read_table
from df8k.storage.parquet import write_table


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> df8k.Dataset:
    """Six test images, short sides 96 to 146 px."""
    folder = tmp_path_factory.mktemp("scenes")
    for index, kind in enumerate(KINDS):
        size = (150 + 11 * index, 96 + 10 * index)
        Image.fromarray(render(kind, *size, "board")).save(folder / f"{kind}.png")
    out = tmp_path_factory.mktemp("dataset") / "tiny"
    shares = {"train": 0, "validation": 0, "test": 1}
    build(candidates([str(folder)]), out, BuildConfig(name="tiny", min_side=64, splits=shares))
    return df8k.load(out)


@pytest.fixture(scope="session")
def dataset_1(dataset, tmp_path_factory) -> df8k.Dataset:
    """The same images in format 1, whose masks are those of whole images alone."""
    root = tmp_path_factory.mktemp("format-1") / "tiny"
    shutil.copytree(dataset.root, root)
    rows = read_table(Layout(root).metadata("test"), metadata_of(1))
    write_table(Layout(root).metadata("test"), rows, metadata_of(1))
    digests = ((row["id"], "test", row["pixel_sha256"], row["mask_sha256"]) for row in rows)
    update = {"format_version": 1, "fingerprint": fingerprint(digests)}
    description = dataset.description.model_copy(update=update)
    Layout(root).description.write_text(description.model_dump_json())
    return df8k.load(root)


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Headless Chromium with its logs; skips without one, fails where it is required."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not program or not driver:
        message = "chromium and chromedriver are not on the PATH: install them to test pages"
        if os.environ.get("DF8K_REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    options = Options()
    options.binary_location = program
    profile = tmp_path_factory.mktemp("profile")
    flags = ["headless=new", "no-sandbox", "disable-gpu", "disable-background-networking", "no-first-run"]
    for flag in [*flags, f"user-data-dir={profile}", "window-size=1440,900"]:
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(driver))
    yield chrome
    chrome.quit()


@pytest.fixture(scope="session")
def asked():
    """Reads the addresses that a browser has asked for since they were read last."""

    def read(chrome) -> list[str]:
        events = [json.loads(line["message"])["message"] for line in chrome.get_log("performance")]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]

    return read


@pytest.fixture
def blank(browser, asked):
    """The browser on an empty page: what an earlier page or an empty tab still asked for is forgotten."""
    browser.get("about:blank")
    browser.get_log("browser")
    asked(browser)
    return browser


class Fake:
    """A method for tests: calls ``function`` and counts."""

    def __init__(self, function, name: str = "fake", *, untrained: bool = False, **card) -> None:
        self._function = function
        self.calls = 0
        self.card = MethodCard(
            name=name,
            version="1",
            summary="a fake",
            source="tests",
            licence="none",
            untrained=untrained,
            **card,
        )

    def __call__(self, image: np.ndarray, mask: np.ndarray) -> np.ndarray:
        self.calls += 1
        return self._function(image, mask)


@pytest.fixture(scope="session")
def fake() -> type[Fake]:
    """The class of fake methods."""
    return Fake


@pytest.fixture(scope="session")
def results(dataset, tmp_path_factory) -> list[Path]:
    """Result files of mean, telea and ns at two sizes, with predictions beside them."""
    import baselines
    import leaderboard

    folder = tmp_path_factory.mktemp("results")
    paths = []
    for name in ("mean", "telea", "ns"):
        path = folder / f"{name}.json"
        leaderboard.evaluate(
            baselines.load(name), dataset, sizes=[64, 100], out=path, predictions=folder / name
        )
        paths.append(path)
    return paths


@pytest.fixture(scope="session")
def site(results, dataset, tmp_path_factory):
    """A site with pictures, made from the results."""
    import leaderboard

    folders = {path.stem: path.parent / path.stem for path in results}
    out = tmp_path_factory.mktemp("board") / "site"
    return leaderboard.build_site(results, out, dataset=dataset, predictions=folders)


@pytest.fixture(scope="session")
def edited():
    """Writes an edited copy of a result, sealed anew."""
    import shutil

    from leaderboard.results.content_hashes import write_sealed
    from leaderboard.results.distribution_states import features_path
    from leaderboard.results.per_image import per_image_path
    from leaderboard.results.schema import Result, read_content

    def edit(path: Path, folder: Path, change: dict) -> Path:
        content = read_content(path)
        for name, fields in change.items():
            content[name] |= fields
        out = folder / path.name
        shutil.copyfile(per_image_path(path), per_image_path(out))
        if features_path(path).is_dir():
            shutil.copytree(features_path(path), features_path(out), dirs_exist_ok=True)
        write_sealed(Result.model_validate(content), out)
        return out

    return edit


@pytest.fixture(scope="session")
def measured(tmp_path_factory) -> Path:
    """Latency of the mean at two sizes, with the series of hole areas."""
    from leaderboard.latency.inputs import Procedural
    from leaderboard.latency.plan import Plan
    from leaderboard.latency.process import Target
    from leaderboard.latency.run import Measurement

    plan = Plan(tier="rapid", runs=6, seconds=0.0, sessions=2, warmup_rounds=2)
    out = tmp_path_factory.mktemp("latency") / "mean.json"
    Measurement(Target(spec="mean"), [96, "128x64"], material=Procedural(2), plan=plan).run(out)
    return out
