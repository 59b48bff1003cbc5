"""Sandbox of a foreign method: nothing but itself to read, one temporary folder to write, no network."""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from df8k.baselines.base import MethodFailedError

_SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc", "/sys")
_DEVICES: Final = ("nvidia*", "dri", "kfd")
# Of an environment: what decides results and speed, and no secrets.
_KEPT: Final = ("PATH", "LANG", "TZ", "TERM")
_PREFIXES: Final = (
    "LC_",
    "OMP_",
    "MKL_",
    "OPENBLAS_",
    "NUMBA_",
    "CUDA_",
    "NVIDIA_",
    "TORCH_",
    "DF8K_METHOD_",
)


def sandboxed(
    command: Sequence[str],
    *,
    readable: Sequence[Path],
    writable: Sequence[Path] = (),
    hidden: Sequence[Path] = (),
    cwd: Path | None = None,
) -> list[str]:
    """Wrap a command in bubblewrap.

    Args:
        command: program and arguments.
        readable: files and folders of the method and of its interpreter.
        writable: folders through which pictures pass.
        hidden: folders that stay hidden even where they lie inside a readable one, such as the dataset.
        cwd: working directory; the temporary folder without one.

    Raises:
        MethodFailedError: bubblewrap is not installed.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise MethodFailedError(
            "error",
            "the sandbox needs bubblewrap, which is not installed: apt install bubblewrap, or the like",
        )
    words = [
        program,
        "--unshare-all",
        "--unshare-user",
        "--cap-drop",
        "ALL",
        "--die-with-parent",
        "--new-session",
    ]
    for folder in _SYSTEM:
        words += ["--ro-bind-try", folder, folder]
    words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - one of its own
    for pattern in _DEVICES:
        for device in sorted(Path("/dev").glob(pattern)):
            words += ["--dev-bind-try", str(device), str(device)]
    for path in readable:
        words += ["--ro-bind-try", str(path), str(path)]
    for path in hidden:
        if any(path.resolve().is_relative_to(root.resolve()) for root in readable):
            words += ["--tmpfs", str(path.resolve())]
    for path in writable:
        words += ["--bind", str(path), str(path)]
    return [*words, "--chdir", str(cwd or "/tmp"), "--", *command]  # noqa: S108 - likewise


def sandbox_environment() -> dict[str, str]:
    """Give the environment of a method in the sandbox."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(_PREFIXES)}
    return kept | {"HOME": "/tmp", "TMPDIR": "/tmp"}  # noqa: S108 - of the sandbox


def of_interpreter(python: str) -> list[Path]:
    """List what an interpreter is made of: its own environment's files, and those that it was made from."""
    start = Path(shutil.which(python) or python)
    prefixes = dict.fromkeys(path.parent.parent for path in (*_links(start), start.resolve()))
    runtime_names = ("bin", "lib", "lib64", "pyvenv.cfg")
    return [prefix / part for prefix in prefixes for part in runtime_names if (prefix / part).exists()]


def of_program(path: Path) -> Path:
    """Give what a method sees of its own: the folder of its file, or the file alone in shared folders."""
    folder, home = path.resolve().parent, Path.home().resolve()
    shared = folder in {Path("/"), Path("/tmp")} or home.is_relative_to(folder)  # noqa: S108 - not opened
    return path.resolve() if shared else folder


def _links(path: Path) -> Iterator[Path]:
    """Follow a link step by step: an environment's interpreter is a link to that which it was made from."""
    for _ in range(20):
        yield path
        if not path.is_symlink():
            return
        path = path.parent / path.readlink()
