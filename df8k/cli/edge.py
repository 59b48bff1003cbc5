"""``df8k edge``: RETHINED in a browser."""

from pathlib import Path

import click

from ._console import json_option, print_json, print_latency, progress_bar
from ._measuring import Size, command_line, latency_options, plan_of, tell_spoilers
from ._tables import wide_option


@click.group()
def edge() -> None:
    """Fill pictures in a browser, on this machine's or a phone's own processor; see docs/edge.md."""


@edge.command(epilog="Example: df8k edge serve")
@click.option("--host", default="", help="Address to listen at.  [default: every one of this machine]")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port; 0 for any free one."
)
@click.option(
    "--certificate",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="PEM file of a certificate: serve https, without which other devices get one thread.",
)
@click.option(
    "--key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="PEM file of the certificate's key, where the certificate's does not hold it.",
)
def serve(host: str, port: int, certificate: Path | None, key: Path | None) -> None:
    """Serve the page on the local network, and show its address as a QR code for a phone.

    Everybody who reaches this machine's port can open the page; it holds nothing but the network, and
    pictures never leave the browser that opens them. Control-C ends it.
    """
    import signal
    import tempfile

    from df8k.leaderboard.edge.address import lan_address, qr_code
    from df8k.leaderboard.edge.app import write_app
    from df8k.leaderboard.edge.server import make_server

    if key is not None and certificate is None:
        raise click.UsageError("--key belongs to a --certificate: give that too")
    # So that whoever stops a container or a background job leaves no temporary files behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="df8k-edge-") as folder:
        write_app(Path(folder))
        with make_server(Path(folder), host, port, certificate=certificate, key=key) as server:
            scheme = "http" if certificate is None else "https"
            number = server.server_address[1]
            click.echo(f"{scheme}://{host or 'localhost'}:{number}/")
            if not host and (address := lan_address()):
                click.echo(f"{scheme}://{address}:{number}/\n\n{qr_code(f'{scheme}://{address}:{number}/')}")
                if certificate is None:
                    click.echo("Over http another device gets one thread and no copy to use offline.")
            click.echo("Control-C ends it.")
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                click.echo("ended")


@edge.command(
    epilog="Example: df8k edge bench --sizes 512,1024,2048,4096 --tier rapid --out edge.latency.json"
)
@click.option(
    "--browser", default="chromium", show_default=True, help="Program of a browser built on Chromium."
)
@latency_options
@click.option(
    "--sessions", type=click.IntRange(min=1), help="Fresh browsers per size, instead of the tier's."
)
@click.option(
    "--threads", type=click.IntRange(min=1), help="Threads of WebAssembly at most; else all processors."
)
@wide_option
@json_option
def bench(
    browser: str,
    sizes: tuple[Size, ...],
    images: int,
    tier: str,
    sessions: int | None,
    limit_s: float | None,
    takes: int,
    threads: int | None,
    out: Path,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Measure the page in a browser of this machine, by the protocol of `df8k latency`.

    Every session is a fresh browser without a window. The scenes and masks are those of `df8k latency`; what
    the page makes of them must agree with Python, else the size fails. The result is one that `df8k
    leaderboard validate` and `build` take. Exit code 1 when a size failed.
    """
    import tempfile

    from df8k.leaderboard.edge.app import write_app
    from df8k.leaderboard.edge.bench import BrowserSessions
    from df8k.leaderboard.edge.browser import find_browser
    from df8k.leaderboard.edge.reference import SPEC
    from df8k.leaderboard.latency.inputs import Procedural
    from df8k.leaderboard.latency.process import Target
    from df8k.leaderboard.latency.run import Measurement

    program = find_browser(browser)
    tell_spoilers()
    with tempfile.TemporaryDirectory(prefix="df8k-edge-") as folder, progress_bar() as progress:
        write_app(Path(folder))
        result = Measurement(
            Target(spec=SPEC, device="browser", threads=threads),
            sizes,
            material=Procedural(images),
            plan=plan_of(tier, sessions, limit_s),
            takes=takes,
            areas=False,
            command=command_line(),
            attempt=BrowserSessions(program, Path(folder)),
        ).run(out, overwrite=overwrite, progress=progress)
    if as_json:
        print_json(result.model_dump(mode="json"))
    else:
        print_latency(str(out), [result])
    raise SystemExit(1 if any(size.status not in {"ok", "left-out"} for size in result.sizes) else 0)
