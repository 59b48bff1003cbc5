"""SeaweedFS on the loopback interface: an S3-compatible store that keeps its objects when it is killed."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

PATIENCE_S = 600
_PORTS = ("master", "master.grpc", "volume", "volume.grpc", "filer", "filer.grpc", "s3", "s3.grpc")
_REQUEST = re.compile(r'stats\.go:\d+ \S+ ([A-Z]+) "([^"?]*)[^"]*" (\d+) ')


def command() -> str | None:
    return shutil.which("weed", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")


class Weed:
    """A store of its own; ``requests`` reads its log: method, key and status of every request so far."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="df8k-weed-"))  # sockets want short paths
        with ExitStack() as stack:
            sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in _PORTS]
            self.ports = dict(zip(_PORTS, (one.getsockname()[1] for one in sockets), strict=True))
        self.url = f"http://127.0.0.1:{self.ports['s3']}"
        self.log = self.folder / "log"
        self.start()

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to find the store."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def start(self) -> None:
        data = self.folder / "data"
        data.mkdir(exist_ok=True)
        ports = [
            f"-{name.replace('.grpc', '.port.grpc')}={port}"
            for name, port in self.ports.items()
            if "." in name
        ]
        ports += [f"-{name}.port={port}" for name, port in self.ports.items() if "." not in name]
        options = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", "-s3.iam=false", "-s3.port.iceberg=0"]
        options += ["-master.telemetry=false", "-master.electionTimeout=1s", "-volume.max=20"]
        options += [f"-filer.localSocket={self.folder}/filer.sock", f"-s3.localSocket={self.folder}/s3.sock"]
        options += ["-master.volumeSizeLimitMB=64", f"-dir={data}"]
        log = ["-logtostderr=true", "-vmodule=stats=3"]
        with self.log.open("ab") as file:
            self.process = subprocess.Popen(
                [command(), *log, "server", *options, *ports], stdout=file, stderr=file, cwd=self.folder
            )

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def requests(self) -> list[tuple[str, str, int]]:
        requests = _REQUEST.findall(self.log.read_text(errors="replace"))
        return [(method, key, int(status)) for method, key, status in requests]

    def stored(self, ending: str) -> list[str]:
        """Keys with an ending that were written, once for each time."""
        return [
            key
            for method, key, status in self.requests()
            if method == "PUT" and status == 200 and re.search(ending, key)
        ]

    def wait_for(self, count: int, ending: str, process: subprocess.Popen) -> None:
        """Wait until so many keys with an ending were written; the process must still be at it."""
        latest = time.monotonic() + PATIENCE_S
        while len(self.stored(ending)) < count:
            assert process.poll() is None, "it ended before anything could happen to it"
            assert time.monotonic() < latest, f"no {count} {ending} in {PATIENCE_S} s: {self.requests()[-5:]}"
            time.sleep(0.05)
