"""Run a foreign method in its own process; imports nothing but the standard library and numpy.

Started as a script by whatever interpreter the method needs, so it keeps to Python 3.8 and old numpy.
Requests and answers are JSON lines on a private channel, the file descriptor named on the command line.
Everything else is the method's, as in a program: ``sys.argv``, ``__main__``, standard input (empty)
and output, exit codes, threads and children. Arrays pass through memory that the parent shares by file
descriptor.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import mmap
import os
import random
import sys
import threading
import time
import traceback
import types
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 2000  # characters of a text in an answer
MAPPED: dict[tuple[int, int], Any] = {}  # the annotation is not evaluated, and may be newer than the Python


def load_method(target: str, options: dict[str, object]) -> Callable[..., object]:
    """Import ``FILE.py:factory`` or ``package.module:factory`` and call the factory."""
    # The folder of this script holds modules of ours that must hide none of the method's.
    sys.path[:] = [
        entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent
    ]
    source, _, name = target.rpartition(":")
    module = import_file(source) if source.endswith(".py") else import_named(source)
    factory = getattr(module, name, None)
    if factory is None:
        raise AttributeError(f"{Path(source).name} has no attribute {name!r}: it defines {callables(module)}")
    inpaint: Callable[..., object] = factory(**options)
    return inpaint


def callables(module: types.ModuleType) -> str:
    """List the functions and classes that a module defines itself."""
    members = vars(module).items()
    names = [name for name, value in members if callable(value) and name[0] != "_" and at_home(value, module)]
    return ", ".join(names) or "no function"


def at_home(value: object, module: types.ModuleType) -> bool:
    """Tell whether a function was written in this module."""
    return getattr(value, "__module__", None) == module.__name__


def import_file(source: str) -> types.ModuleType:
    """Import a file by the name that an import from its folder has, so that spawned children find it too."""
    folder, stem = str(Path(source).resolve().parent), Path(source).stem
    sys.path.insert(0, folder)
    program(source)
    with suppress(ImportError, ValueError, AttributeError):
        spec = importlib.util.find_spec(stem)
        if spec is not None and spec.origin is not None and Path(spec.origin).resolve() == Path(source):
            return importlib.import_module(stem)
    # A name with dots, or of another module: spawned children run the file of __main__ under this name, and
    # multiprocessing lets it stand for __main__ here.
    spec = importlib.util.spec_from_file_location("__mp_main__", source)
    if spec is None or spec.loader is None:
        raise ImportError(f"{source} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    module.__spec__ = None  # as that of a script
    sys.modules["__mp_main__"] = sys.modules["__main__"] = module
    spec.loader.exec_module(module)
    return module


def import_named(name: str) -> types.ModuleType:
    """Import a module of a package, in the folder of its own repository."""
    sys.path.insert(0, str(Path.cwd()))
    package = importlib.util.find_spec(name.partition(".")[0])
    if package is not None and package.origin is not None:
        # Its own repository, not where the evaluation was called from.
        levels = 2 if package.submodule_search_locations else 1
        os.chdir(str(Path(package.origin).resolve().parents[levels - 1]))
        sys.path[0] = str(Path.cwd())
    program(package.origin if package is not None and package.origin is not None else name)
    return importlib.import_module(name)


def program(source: str) -> None:
    """Let the method see a program without arguments, and spawned children no script of ours."""
    sys.argv[:] = [source]
    sys.modules["__main__"] = types.ModuleType("__main__")


def synchronise(inpaint: Callable[..., object]) -> None:
    """Wait for torch's devices, if the method uses them, and for a hook ``synchronise()`` of its own."""
    torch = sys.modules.get("torch")
    if torch is not None:
        if torch.cuda.is_available() and torch.cuda.is_initialized():
            torch.cuda.synchronize()
        metal = getattr(torch.backends, "mps", None)
        if metal is not None and metal.is_available():
            torch.mps.synchronize()
    hook = getattr(inpaint, "synchronise", None)
    if callable(hook):
        hook()


def gpu_peak() -> list[int] | None:
    """Read the highest memory that torch's allocator handed out, and took from the GPU, so far."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available() or not torch.cuda.is_initialized():
        return None
    return [int(torch.cuda.max_memory_allocated()), int(torch.cuda.max_memory_reserved())]


def answer(inpaint: Callable[..., object], request: dict[str, Any]) -> dict[str, object]:
    """Call the method on one picture; its output is copied only when it is of the agreed kind."""
    height, width = request["shape"]
    # The method may write into its arguments: the parent fills them anew for each call and never reads them.
    image = shared(request["image"], height * width * 3).reshape(height, width, 3)
    mask = shared(request["mask"], height * width).view(bool).reshape(height, width)
    options = {} if "seed" not in request else seeded(inpaint, request["seed"])
    synchronise(inpaint)
    start = time.perf_counter()
    output = inpaint(image, mask, **options)
    synchronise(inpaint)
    seconds = time.perf_counter() - start
    output = np.asarray(output)
    if output.dtype != np.uint8 or output.shape != (height, width, 3):
        fault = f"returned {described(output)}, expected uint8 {(height, width, 3)}"
        return {"kind": "wrong-output", "message": fault}
    shared(request["output"], output.size).reshape(output.shape)[...] = output
    model = getattr(inpaint, "model_seconds", None)
    if not isinstance(model, (int, float)) or not 0 <= model <= seconds:
        model = seconds
    return {"seconds": seconds, "model_seconds": float(model), "gpu_peak": gpu_peak()}


def seeded(inpaint: Callable[..., object], seed: int) -> dict[str, int]:
    """Seed the generators that a method may draw from; one that takes a ``seed`` is handed it too."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the global generator is what such methods draw from
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)
    try:
        return {"seed": seed} if "seed" in inspect.signature(inpaint).parameters else {}
    except (TypeError, ValueError):  # a callable that tells no signature
        return {}


def shared(descriptor: int, size: int) -> Any:
    """Map the bytes of a shared block; mapped once, because each first touch of a page costs."""
    if (descriptor, size) not in MAPPED:
        MAPPED[descriptor, size] = np.frombuffer(mmap.mmap(descriptor, size), np.uint8)
    return MAPPED[descriptor, size]


def described(output: Any) -> str:
    """Describe type, shape and, for numbers with a point, range of what a method returned."""
    text = f"{output.dtype} {output.shape}"
    if output.dtype.kind != "f" or not output.size:
        return text
    finite = output[np.isfinite(output)]
    if finite.size:
        text += f" with values from {finite.min():.4g} to {finite.max():.4g}"
    lost = output.size - finite.size
    return text + (f", {lost} of them not finite" if lost else "")


def failure(error: BaseException) -> dict[str, object]:
    """Turn an exception into a message."""
    name = type(error).__name__
    kind = "out-of-memory" if name in {"MemoryError", "OutOfMemoryError"} else "error"
    with suppress(Exception):  # its standard error may be closed, or anything
        traceback.print_exception(type(error), error, error.__traceback__)
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - likewise
        text = "its message cannot be read"
    if name == "MethodFailedError":  # of an exported network, which this package runs
        return {"kind": getattr(error, "kind", kind), "message": sendable(text)}
    return {"kind": kind, "message": sendable(f"{name}: {text}{line_of(error)}")}


def line_of(error: BaseException) -> str:
    """Name the last line of the method's own code that an error came through; its file without its folder."""
    home, here = Path.cwd(), Path(__file__).resolve()
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_file()]
    frames = [frame for frame in frames if Path(frame.filename).resolve() != here]
    nearest = [frame for frame in frames if home in Path(frame.filename).resolve().parents]
    for frame in (nearest or frames)[-1:]:
        return f" ({Path(frame.filename).name}, line {frame.lineno})"
    return ""


def sendable(text: str) -> str:
    """Cut a text, and write what is no Unicode in it as escapes."""
    return text[:LONGEST].encode("utf-8", "backslashreplace").decode()


def card_of(inpaint: Callable[..., object]) -> dict[str, object]:
    """Read what the method says of itself, as far as it is text, numbers or settings."""
    card = getattr(inpaint, "card", None)
    stated: dict[str, object] = {}
    for key, value in card.items() if isinstance(card, dict) else ():
        if isinstance(key, str) and isinstance(value, (str, int, float)):
            stated[key] = sendable(value) if isinstance(value, str) else value
        elif key == "settings" and isinstance(value, dict) and len(json.dumps(value)) < 20 * LONGEST:
            stated[key] = value
    return stated


def follow(parent: int) -> None:
    """End with the parent, even where that was killed while the method hangs."""
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


class Channel:
    """Private channel to the parent, which the method's children do not inherit."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines = os.fdopen(descriptor, "rb", closefd=False)
        keep_private([descriptor])

    def receive(self) -> dict[str, Any]:
        """Wait for a request; empty when the parent wants no more."""
        line = self._lines.readline()
        return json.loads(line) if line else {}

    def send(self, message: dict[str, object], request: dict[str, Any]) -> None:
        """Send the answer to a request."""
        data = json.dumps({**message, "nonce": request["nonce"]}).encode() + b"\n"
        while data:
            data = data[os.write(self._descriptor, data) :]

    def close(self) -> None:
        """Hang up: the parent need not wait for the threads that a program ends with."""
        with suppress(OSError):
            os.close(self._descriptor)


def keep_private(descriptors: list[int]) -> None:
    """Keep descriptors from programs that the method starts, and from its forks."""
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)

    def close() -> None:
        for descriptor in descriptors:
            with suppress(OSError):
                os.close(descriptor)

    os.register_at_fork(after_in_child=close)


def serve() -> None:
    """Load the method, then answer until the parent wants no more."""
    threading.Thread(target=follow, args=(os.getppid(),), daemon=True).start()
    channel = Channel(int(sys.argv[1]))
    try:
        setup = channel.receive()
        keep_private(setup["blocks"])
        try:
            inpaint = load_method(setup["target"], setup["options"])
        except SystemExit as error:
            if not isinstance(error.code, str):
                raise  # the exit code tells, and what was printed before it
            channel.send(failure(error), setup)
            return
        except BaseException as error:  # noqa: BLE001 - the parent must hear of it
            channel.send(failure(error), setup)
            return
        channel.send({"card": card_of(inpaint)}, setup)
        for request in iter(channel.receive, {}):
            try:
                message = {} if "confirm" in request else answer(inpaint, request)
            except Exception as error:  # noqa: BLE001 - a foreign method may raise anything
                message = failure(error)
            channel.send(message, request)
    finally:
        channel.close()


if __name__ == "__main__":
    serve()
