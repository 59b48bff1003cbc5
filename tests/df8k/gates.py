"""Hold photographs: whoever is to examine a held one waits, so that a test decides when something dies."""

from hashlib import sha256
from pathlib import Path

from df8k.config import BuildConfig
from df8k.identity import keyed_hash

# Loaded by every process that starts with its folder on PYTHONPATH.
_HOOK = """
import hashlib, os, pathlib, signal, time
plain, gates = pathlib.Path.read_bytes, pathlib.Path(os.environ["DF8K_GATES"])
def read_bytes(self):
    data = plain(self)
    name = hashlib.sha256(data).hexdigest()
    if (gates / f"poison-{name}").exists():
        os.kill(os.getpid(), signal.SIGKILL)
    while (gates / name).exists():
        time.sleep(0.05)
    return data
pathlib.Path.read_bytes = read_bytes
"""


class Gates:
    """Photographs in the order in which a build examines them, and which of them are held."""

    def __init__(self, folder: Path, photographs: Path) -> None:
        self.folder = folder
        (folder / "sitecustomize.py").write_text(_HOOK)
        self.environment = {"PYTHONPATH": str(folder), "DF8K_GATES": str(folder)}
        hashes = [sha256(path.read_bytes()).hexdigest() for path in photographs.iterdir()]
        version = BuildConfig(min_side=64).version
        self.order = sorted(hashes, key=lambda name: keyed_hash(version, "order", name))

    def hold(self, *positions: int) -> None:
        for position in positions:
            (self.folder / self.order[position]).touch()

    def open(self, *positions: int) -> None:
        for position in positions:
            (self.folder / self.order[position]).unlink()

    def poison(self, data: bytes) -> None:
        (self.folder / f"poison-{sha256(data).hexdigest()}").touch()
