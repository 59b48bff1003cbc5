"""``df8k demo``."""

from pathlib import Path

import click

from ._console import print_table, progress_bar, workers_option

_SIZES = (512, 1024, 2048)


@click.command(epilog="Example: df8k demo --out demo")
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("demo"), show_default=True, help="Folder."
)
@workers_option
def demo(out: Path, workers: int) -> None:
    """The whole way on bundled material, from pictures to a leaderboard.

    Photographs that come with scikit-image (public domain and CC0: pictures/CREDITS.csv) and procedural
    scenes become a mini dataset; every method runs on it at 512, 1024 and 2048 pixels; the leaderboard is
    written and its page is named. Needs no network. An interrupted demo goes on where it stopped.
    """
    import baselines
    import df8k
    import leaderboard
    from df8k.build import build
    from df8k.bundled import contact_sheet, write_pictures
    from df8k.config import BuildConfig, SplitShares
    from df8k.files import write_bytes
    from df8k.sources import candidates
    from leaderboard import tables

    results = []
    with progress_bar() as progress:
        write_pictures(out / "pictures", progress)
        # Half of it is tested on: the demonstration trains nothing.
        shares = SplitShares(train=0.3, validation=0.2, test=0.5)
        config = BuildConfig(name="df8k-demo", min_side=512, splits=shares)
        source = candidates([str(out / "pictures")])
        build(source, out / "dataset", config, workers=workers, progress=progress)
        dataset = df8k.load(out / "dataset", split="test")
        plan = leaderboard.Evaluation(sizes=_SIZES)
        for name in baselines.methods():
            inpaint = baselines.load(name)
            if inpaint.card.untrained:
                click.echo(f"{name}: left out, there are no trained weights for it yet", err=True)
                continue
            result = out / "results" / f"{name}.json"
            if not result.exists():
                pictures = out / "predictions" / name
                leaderboard.evaluate(
                    inpaint, dataset, evaluation=plan, out=result, predictions=pictures, progress=progress
                )
            results.append(result)
    site = leaderboard.build_site(results, out / "site")
    folders = [out / "predictions" / result.stem / str(min(_SIZES)) for result in results]
    sheet = contact_sheet([[folder / f"{sample.id}.png" for folder in folders] for sample in dataset])
    write_bytes(out / "predictions.png", sheet)
    print_table("leaderboard", tables.header(), [tables.cells(entry) for entry in site.entries])
    click.echo(f"dataset:     {out / 'dataset'} ({len(dataset)} test images)")
    click.echo(f"predictions: {out / 'predictions.png'}")
    click.echo(f"page:        {site.page.resolve()}")
