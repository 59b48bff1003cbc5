"""``df8k weights convert-hifill``: published HiFill weights to a file that the method loads."""

from pathlib import Path

import click

from ._console import json_option, print_json


@click.command("convert-hifill")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default="hifill.safetensors",
    show_default=True,
    help="File to write.",
)
@click.option("--critic", is_flag=True, help="Keep the discriminator too, for further training.")
@json_option
def convert_hifill(path: Path, out: Path, *, critic: bool, as_json: bool) -> None:
    """Convert published HiFill weights.

    PATH is the official TensorFlow checkpoint (its folder, prefix, data or index file), a frozen .pb graph,
    or the MindSpore port's .ckpt. Neither TensorFlow nor MindSpore is needed. Checksums, names and shapes are
    checked before anything is written.

    Example: df8k weights convert-hifill model_logs/places2 --out hifill.safetensors
    """
    from df8k.baselines.hifill.checkpoints.convert import convert

    converted = convert(path)
    converted.save(out, with_critic=critic)
    if as_json:
        print_json({"out": str(out), "licence": converted.licence, **converted.provenance})
        return
    origin = "the released checkpoint" if converted.provenance["is_released_checkpoint"] else "other weights"
    click.echo(f"{out}: {converted.provenance['kind']} {path.name}, {origin}, licence {converted.licence}")
