"""``df8k demo``."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ._console import print_board, progress_bar, workers_option
from ._measuring import Size, sizes_option
from ._tables import print_text, wide_option

if TYPE_CHECKING:
    from df8k import Dataset
    from df8k.baselines import Inpainter
    from df8k.leaderboard import Evaluation
    from df8k.leaderboard.site.board import Board
    from df8k.pool import Progress

# What shows the way in minutes: networks and metrics of sets would take most of the time.
_METRICS = ("l1", "psnr", "ssim", "haarpsi")


@click.command(epilog="Example: df8k demo --out demo")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("demo"), show_default=True, help="Folder."
)
@sizes_option
@click.option("--quick", is_flag=True, help="Few small pictures, at size 512: a look in a minute.")
@workers_option
@wide_option
def demo(out: Path, sizes: tuple[Size, ...] | None, quick: bool, workers: int) -> None:
    """The whole way on bundled material, from pictures to a leaderboard.

    Photographs that come with scikit-image (public domain and CC0: pictures/CREDITS.csv) and procedural
    scenes become a mini dataset; every method runs on it at each size; the leaderboard is written and its
    page is named. Needs no network. Without the extras "networks" and "site" it leaves out what they add and
    says so. An interrupted demo goes on where it stopped; --quick needs an --out of
    its own.
    """  # noqa: D401 - what --help shows
    import df8k
    from _df8k.files import write_bytes
    from df8k import baselines, leaderboard
    from df8k.baselines.base import NotInstalledError
    from df8k.builder import build
    from df8k.bundled import write_images
    from df8k.config import BuildConfig, SplitFractions
    from df8k.leaderboard.calls.timing import Budget
    from df8k.leaderboard.protocol.versions import default_sizes
    from df8k.sources import candidates

    results = []
    with progress_bar() as progress:
        write_images(out / "pictures", progress, small=quick, workers=workers)
        # Half of it is tested on: the demonstration trains nothing.
        fractions = SplitFractions(train=0.3, validation=0.2, test=0.5)
        config = BuildConfig(name="df8k-demo", min_side=512, splits=fractions)
        source = candidates([str(out / "pictures")])
        build(source, out / "dataset", config, workers=workers, progress=progress)
        dataset = df8k.load(out / "dataset", split="test")
        sizes = sizes or ((512,) if quick else default_sizes(dataset))
        budget = Budget(warmup_runs=1 if quick else 2, warmup_s=0.5, runs=2, seconds=0.5)
        plan = leaderboard.Evaluation(sizes=sizes, metrics=_METRICS, budget=budget)
        for name, entry in baselines.methods().items():
            if entry.peer:
                continue
            # Without loading it: a network that nobody trained would be exported first.
            if entry.weights is not None and not entry.weights.exists():
                print_text(f"{name}: left out, there are no trained weights for it yet", err=True)
                continue
            try:
                inpaint = baselines.load(name)
            except NotInstalledError as error:
                print_text(f"left out: {error}", err=True)
                continue
            if quick and inpaint.card.control:
                continue
            if inpaint.card.untrained and not inpaint.card.control:
                print_text(f"{name}: left out, there are no trained weights for it yet", err=True)
                continue
            result = out / "results" / f"{name}.json"
            if not _finished(result, inpaint, dataset, plan):
                leaderboard.evaluate(
                    inpaint,
                    dataset,
                    evaluation=plan,
                    out=result,
                    predictions=out / "predictions" / name,
                    overwrite=True,
                    progress=progress,
                )
            results.append(result)
        page, board = _show(results, out, dataset, workers, progress)
    folders = {result.stem: out / "predictions" / result.stem / str(sizes[0]) for result in results}
    write_bytes(out / "predictions.png", _sheet(dataset, sizes[0], folders))
    print_board("leaderboard", board)
    click.echo(f"dataset:     {out / 'dataset'} ({len(dataset)} test images)")
    click.echo(f"predictions: {out / 'predictions.png'}")
    click.echo(f"page:        {page}")


def _show(
    results: Sequence[Path], out: Path, dataset: "Dataset", workers: int, progress: "Progress"
) -> "tuple[Path | str, Board]":
    """Build the site, or rank alone where the extra that draws is absent: the page, or why there is none."""
    from _df8k.extras import MissingExtraError
    from df8k import leaderboard
    from df8k.leaderboard.site.board import rank
    from df8k.leaderboard.site.inputs import read_inputs

    try:
        build_site = leaderboard.build_site
    except MissingExtraError as error:
        inputs = read_inputs(results, dataset, {})
        return f"none: {error}", rank(list(inputs.quality.values()), inputs.per_image)
    fills = {
        leaderboard.read_result(result).method.name: out / "predictions" / result.stem for result in results
    }
    site = build_site(
        results, out / "site", dataset=dataset, predictions=fills, workers=workers, progress=progress
    )
    return site.page.resolve(), site.board


def _sheet(dataset: "Dataset", size: Size, folders: Mapping[str, Path]) -> bytes:
    """Draw every test image of a size: the original, its hole, and what each method filled it with."""
    from df8k import masks
    from df8k.bundled import contact_sheet
    from df8k.images import decode
    from df8k.leaderboard.protocol.task import fits, make_task

    rows = []
    for sample in dataset:
        if fits(sample.metadata, size):
            task = make_task(sample, size)
            files = [folder / f"{sample.id}.png" for folder in folders.values()]
            fills = [decode(file.read_bytes()) if file.exists() else None for file in files]
            rows.append([task.target, masks.overlay(task.target, task.mask), *fills])
    return contact_sheet(rows, ["original", "hole", *folders])


def _finished(path: Path, inpaint: "Inpainter", dataset: "Dataset", plan: "Evaluation") -> bool:
    """Tell whether an earlier demo left this very result."""
    from df8k.leaderboard import read_result

    if not path.exists():
        return False
    earlier = read_result(path)
    made = (
        earlier.method.name,
        earlier.method.version,
        earlier.dataset.fingerprint,
        list(earlier.protocol.sizes),
        list(earlier.protocol.metrics),
    )
    card, fingerprint = inpaint.card, dataset.description.fingerprint
    return made == (card.name, card.version, fingerprint, list(plan.sizes), list(plan.metrics))
