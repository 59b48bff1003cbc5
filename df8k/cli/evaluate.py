"""``df8k evaluate``."""

import sys
from pathlib import Path

import click

from ._console import json_option, print_board, print_json, progress_bar
from ._measuring import Size, metric_options, sizes_option, typed


@click.command(epilog="Example: df8k evaluate --method telea --data DATASET --out telea.json")
@click.option(
    "--method",
    required=True,
    help="Registered name (an unknown one lists them all); FILE.py:factory or package.module:factory; "
    "FILE.onnx; FILE.pt; 'cmd:COMMAND {image} {mask} {output}'.",
)
@click.option("--python", help="Interpreter of a Python method, such as that of its own environment.")
@click.option(
    "--timeout", type=float, default=600.0, show_default=True, help="Seconds per call of a foreign method."
)
@click.option("--memory-limit", type=float, help="GiB that a foreign method may take.")
@click.option("--data", type=click.Path(path_type=Path), required=True, help="Dataset that df8k build wrote.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="RESULT.json to write.")
@click.option("--split", default="test", show_default=True, help="Split with masks.")
@sizes_option
@metric_options
@click.option("--device", default="cpu", show_default=True, help="Where the method runs, such as cuda.")
@click.option("--limit", type=click.IntRange(min=1), help="Use only the first images, by ID.")
@click.option("--save-predictions", type=click.Path(path_type=Path), help="Folder for the filled pictures.")
@click.option(
    "--explain",
    type=click.Path(path_type=Path),
    help="Folder for a picture of the method's stages per image.",
)
@click.option("--overwrite", is_flag=True, help="Replace a result that exists.")
@json_option
def evaluate(
    method: str,
    python: str | None,
    timeout: float,
    memory_limit: float | None,
    data: Path,
    out: Path,
    split: str,
    sizes: tuple[Size, ...],
    names: str,
    memory: int,
    fetch_weights: bool,
    device: str,
    limit: int | None,
    save_predictions: Path | None,
    explain: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Run a method on a dataset; measure quality, latency and memory.

    The method gets each picture with its hole zeroed; known pixels of its answer are replaced by the input's
    before scoring. The values of each image go to a parquet file beside RESULT.json. Run the same command
    again after an interruption. Exit code 1 when the method failed on an image.
    """
    import baselines
    import df8k
    import leaderboard
    from leaderboard import board
    from leaderboard.explaining import explain as explain_all
    from leaderboard.explaining import explainer

    plan = leaderboard.Evaluation(
        sizes=sizes,
        metrics=tuple(names.split(",")),
        limit=limit,
        spec=method,
        device=device,
        memory=memory * 2**20,
        fetch_weights=fetch_weights,
        command=typed(),
    )
    dataset = df8k.load(data, split=split)
    limits = baselines.Limits(
        seconds=timeout, memory_bytes=None if memory_limit is None else round(memory_limit * 2**30)
    )
    inpaint = baselines.open_method(method, device=device, python=python or sys.executable, limits=limits)
    if explain is not None:
        explainer(inpaint)  # refuse before the work
    with progress_bar() as progress:
        result = leaderboard.evaluate(
            inpaint,
            dataset,
            evaluation=plan,
            out=out,
            predictions=save_predictions,
            overwrite=overwrite,
            progress=progress,
        )
        if explain is not None:
            explain_all(inpaint, dataset[:limit], sizes, explain, progress)
    if as_json:
        print_json(result.model_dump(mode="json"))
    else:
        print_board(str(out), board.rank([result]))
    raise SystemExit(1 if any(part.failures for part in result.sizes) else 0)
