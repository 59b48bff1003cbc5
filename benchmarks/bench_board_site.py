"""How long a large board takes to build and to open: 50 methods, 7 sizes, 570 images.

Example: python benchmarks/bench_board_site.py --json board.json
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

import numpy as np

from leaderboard.results.content_hashes import write_sealed
from leaderboard.results.environment import describe_environment
from leaderboard.results.per_image import ImageRow, per_image_path, write_per_image
from leaderboard.results.schema import DatasetUsed, Method, Protocol, Provenance, Result
from leaderboard.statistics.aggregate import aggregate_size

SIZES = [256, 512, 1024, 1536, 2048, 4096, 8192]
METRICS = ("l1", "psnr", "ssim", "haarpsi")
COLUMNS = [f"{name}.{region}" for name in METRICS for region in ("full", "hole")]


def rows_of(method: int, ids: list[str], size: int) -> list[ImageRow]:
    """Rows as an evaluation writes them, with values in the metrics' ranges and some failures."""
    rng = np.random.Generator(np.random.Philox(key=[method, size]))
    skill = 0.5 + method / 50
    hard = np.random.Generator(np.random.Philox(key=size)).gamma(4.0, 0.01, len(ids))
    rows = []
    for place, image in enumerate(ids):
        error = float(hard[place] * skill * rng.uniform(0.8, 1.2))
        values = {"l1": error, "psnr": 20 - 10 * float(np.log10(error))}
        values |= {"ssim": float(np.exp(-3 * error)), "haarpsi": float(np.exp(-9 * error))}
        failed = rng.uniform() < 0.002
        scores = {key: None if failed else values[key.split(".")[0]] for key in COLUMNS}
        record = {
            "id": image,
            "size": str(size),
            "status": "out-of-memory" if failed else "ok",
            "error": "MemoryError: synthetic" if failed else None,
            "category": None,
            "hole_pixels": size * size // 5,
            "mask_coverage": 0.2,
            "mask_depth": 0.1,
            "mask_components": 3,
            "mask_sides": 1,
            "known_drift": None if failed else 0.0,
            "peak_memory_bytes": None if failed else 4 * size * size,
            "seconds": [] if failed else [float((size / 512) ** 2 * skill * rng.uniform(0.01, 0.011))],
            **scores,
        }
        rows.append(ImageRow.from_record(record))
    return rows


def write_results(folder: Path, methods: int, images: int) -> list[Path]:
    """Results of made-up methods that the board accepts."""
    ids = sorted(sha256(f"{place}".encode()).hexdigest()[:16] for place in range(images))
    paths = []
    for index in range(methods):
        rows, parts = [], []
        for size in SIZES:
            of_size = rows_of(index, ids, size)
            parts.append(aggregate_size(size, of_size, COLUMNS))
            rows += of_size
        result = Result(
            method=Method(
                name=f"method {index:02d}",
                version="1",
                summary="synthetic",
                source="benchmarks/bench_board_site.py",
                licence="none",
                parameters=index * 1_500_000,
                weights_sha256=None,
                untrained=False,
                settings={},
                spec=f"method{index}",
                device="cpu",
            ),
            dataset=DatasetUsed(name="synthetic", version="1", fingerprint="0" * 64, split="test", ids=ids),
            protocol=Protocol(
                sizes=SIZES,
                metrics={name: name for name in METRICS},
                warmup=(1, 1.0),
                timing=(1, 1.0),
                intervals="student-t",
            ),
            environment=describe_environment(),
            provenance=Provenance(df8k_version="0", commit=None, dirty=None, command=None, metric_weights={}),
            unavailable={},
            sizes=parts,
        )
        paths.append(folder / f"{index:02d}.json")
        write_per_image(per_image_path(paths[-1]), rows, COLUMNS)
        write_sealed(result, paths[-1])
    return paths


def seconds_to_interactive(page: Path) -> list[float] | None:
    """Seconds from navigation until the page's script is done, of five loads; ``None`` without Chromium."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not program or not driver:
        return None
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.support.ui import WebDriverWait

    options = Options()
    options.binary_location = program
    with tempfile.TemporaryDirectory() as profile:
        for flag in ("headless=new", "no-sandbox", "disable-gpu", "disable-background-networking"):
            options.add_argument(f"--{flag}")
        options.add_argument(f"--user-data-dir={profile}")
        chrome = webdriver.Chrome(options=options, service=Service(driver))
        try:
            found = []
            ready = "return document.documentElement.dataset.ready"
            for _ in range(5):
                chrome.get(page.as_uri())
                done = WebDriverWait(chrome, 60).until(lambda driver: driver.execute_script(ready))
                found.append(float(done) / 1e3)
            return found
        finally:
            chrome.quit()


def main() -> None:
    """Build, open, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--methods", type=int, default=50)
    parser.add_argument("--images", type=int, default=570)
    parser.add_argument("--json", type=Path, help="file for the figures")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = write_results(folder, given.methods, given.images)
        start = time.perf_counter()
        # A process of its own, as users run it: imports count.
        command = [sys.executable, "-m", "df8k", "leaderboard", "build", *map(str, paths), "--out"]
        subprocess.run([*command, str(folder / "site"), "--json"], check=True, stdout=subprocess.DEVNULL)
        built = time.perf_counter() - start
        page = folder / "site" / "index.html"
        files = [path for path in (folder / "site").rglob("*") if path.is_file()]
        opened = seconds_to_interactive(page)
        figures = {
            "methods": given.methods,
            "sizes": len(SIZES),
            "images": given.images,
            "build_s": round(built, 2),
            "first_page_bytes": page.stat().st_size,
            "comparison_bytes": (folder / "site" / "pages" / "compare.html").stat().st_size,
            "files": len(files),
            "site_bytes": sum(path.stat().st_size for path in files),
            "interactive_s_median": None if opened is None else float(np.median(opened)),
            "interactive_s_slowest": None if opened is None else max(opened),
        }
    for key, value in figures.items():
        print(f"{key:24}{value}")
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
