"""``df8k edge``: RETHINED in a browser."""

from pathlib import Path

import click


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
    import tempfile

    from df8k.leaderboard.edge.address import lan_address, qr_code
    from df8k.leaderboard.edge.app import write_app
    from df8k.leaderboard.edge.server import make_server

    if key is not None and certificate is None:
        raise click.UsageError("--key belongs to a --certificate: give that too")
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
