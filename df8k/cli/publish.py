"""``df8k publish``."""

import sys
from collections import Counter
from pathlib import Path

import click

from ._console import json_option, print_json, progress_bar, workers_option
from ._tables import print_table, print_text


@click.command("publish", epilog="Example: df8k publish DATASET --repo ORG/df8k-open")
@click.argument("dataset", type=click.Path(path_type=Path))
@click.option("--repo", required=True, help="Repository on the hub, ORG/NAME; made when absent.")
@click.option("--yes", is_flag=True, help="Upload; without it, only show what would be.")
@click.option("--without-pixels", is_flag=True, help="Manifest, tables and masks alone.")
@click.option("--private", is_flag=True, help="Make a new repository private.")
@workers_option
@json_option
def publish_command(
    dataset: Path, repo: str, yes: bool, without_pixels: bool, private: bool, workers: int, as_json: bool
) -> None:
    """Publish a dataset, plain or packed, on the Hugging Face hub.

    A dry run unless --yes is given. Pictures whose licence does not let them be passed on are refused. The
    login is that of huggingface_hub: `hf auth login`, or HF_TOKEN.
    """
    from df8k.publishing import publish

    plan = publish.plan(dataset, repo, pixels=not without_pixels)
    if as_json:
        files = [{"path": item.path, "bytes": item.size} for item in plan.uploads]
        print_json({"repo": repo, "files": files, "faults": plan.faults})
    else:
        _show(repo, [(item.path, item.size) for item in plan.uploads])
    for fault in plan.faults:
        print_text(f"refused: {fault}", err=True)
    if plan.faults:
        sys.exit(1)
    if not yes:
        print_text(f"nothing was uploaded; add --yes to publish at {repo}", err=True)
        return
    with progress_bar() as progress:
        if not (dataset / "data").is_dir():
            from df8k.verification import verify

            if problems := verify(dataset, workers=workers, progress=progress):
                print_text(f"refused: {problems[0]}; df8k verify lists {len(problems)} problems", err=True)
                sys.exit(1)
        address = publish.publish(plan, private=private, progress=progress)
    print_text(f"published at {address}", err=as_json)


def _show(repo: str, files: list[tuple[str, int]]) -> None:
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for path, size in files:
        folder = path.rpartition("/")[0]
        # Tables and cards by their names, images by their folders.
        name = f"{folder}/" if folder.endswith(("images", "masks")) else path
        counts[name] += 1
        sizes[name] += size
    rows = [[name, str(counts[name]), f"{sizes[name] / 1e6:.2f}"] for name in counts]
    rows.append(["in all", str(counts.total()), f"{sizes.total() / 1e6:.2f}"])
    print_table(f"for {repo}", ["file or folder", "files", "MB"], rows)
