"""Runs a stranger's method in its own process; imports nothing but the standard library and numpy.

Started as a script by whatever interpreter the method needs, so it keeps to Python 3.8 and old numpy.
Requests come as JSON lines on standard input; answers go to the file descriptor named on the command line,
because the method may print. Arrays pass through memory-mapped files.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np


def load(target: str, options: dict[str, object]) -> Any:
    """Import ``FILE.py:factory`` or ``package.module:factory`` and call the factory."""
    # The folder of this script holds modules of ours that must hide none of the method's.
    sys.path[:] = [
        entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent
    ]
    place, _, name = target.rpartition(":")
    if place.endswith(".py"):
        sys.path.insert(0, str(Path(place).resolve().parent))
        spec = importlib.util.spec_from_file_location("foreign_method", place)
        if spec is None or spec.loader is None:
            raise ImportError(f"{place} is not a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules["foreign_method"] = module
        spec.loader.exec_module(module)
    else:
        sys.path.insert(0, str(Path.cwd()))
        module = importlib.import_module(place)
    return getattr(module, name)(**options)


def synchronise() -> None:
    """Wait for the GPU, if the method uses one through torch."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        torch.cuda.synchronize()


def answer(inpaint: Any, request: dict[str, Any]) -> dict[str, object]:
    """Call the method on one picture; its output is copied only when it is of the agreed kind."""
    height, width = request["shape"]
    image = np.array(np.memmap(request["image"], np.uint8, "r", shape=(height, width, 3)))
    mask = np.array(np.memmap(request["mask"], np.uint8, "r", shape=(height, width))) != 0
    synchronise()
    start = time.perf_counter()
    output = inpaint(image, mask)
    synchronise()
    seconds = time.perf_counter() - start
    output = np.asarray(output)
    if output.dtype != np.uint8 or output.shape != (height, width, 3):
        found = f"returned {output.dtype} {output.shape}, expected uint8 {(height, width, 3)}"
        return {"kind": "wrong-output", "message": found}
    target = np.memmap(request["output"], np.uint8, "r+", shape=(height, width, 3))
    target[:] = output
    target.flush()
    return {"seconds": seconds}


def failure(error: BaseException) -> dict[str, object]:
    """What an exception becomes."""
    name = type(error).__name__
    kind = "out-of-memory" if name in {"MemoryError", "OutOfMemoryError"} else "error"
    traceback.print_exception(type(error), error, error.__traceback__)
    return {"kind": kind, "message": f"{name}: {error}"}


def main() -> None:
    """Load the method, then answer until standard input ends."""
    setup = json.loads(sys.argv[1])
    with os.fdopen(setup["channel"], "w") as channel:

        def send(message: dict[str, object]) -> None:
            channel.write(json.dumps(message) + "\n")
            channel.flush()

        try:
            inpaint = load(setup["target"], setup["options"])
        except BaseException as error:  # noqa: BLE001 - also SystemExit: the parent must hear of it
            send(failure(error))
            return
        card = getattr(inpaint, "card", None)
        send({"ready": True, "card": card if isinstance(card, dict) else {}})
        for line in sys.stdin:
            try:
                message = answer(inpaint, json.loads(line))
            except Exception as error:  # noqa: BLE001 - a stranger's method may raise anything
                message = failure(error)
            send(message)


if __name__ == "__main__":
    main()
