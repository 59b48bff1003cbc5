"""From a method SPEC to something that can be called."""

import ast
import sys
from pathlib import Path

from df8k.baselines._registry import methods
from df8k.baselines.base import Inpainter, MethodError
from df8k.baselines.strategy import Strategy, with_strategy

from .options import load_spec, registered_name
from .settings import Limits


def open_method(
    spec: str,
    *,
    device: str = "cpu",
    python: str = sys.executable,
    limits: Limits | None = None,
    strategy: Strategy | str | None = None,
) -> Inpainter:
    """Open a method by its SPEC.

    Args:
        spec: a registered name, with options ``NAME,OPTION=VALUE,...``; ``FILE.onnx``; ``FILE.pt``
            (TorchScript); ``known:NAME``, see `baselines.known`; ``cmd:COMMAND {image} {mask} {output}``;
            ``FILE.py:factory`` or ``package.module:factory``.
        device: torch device of registered methods and exported networks.
        python: interpreter of Python methods, such as that of their own virtual environment.
        limits: bounds of Python methods, exported networks and commands, and whether they run in a sandbox.
        strategy: how the method looks at pictures; see `baselines.with_strategy`; by default
            ``native``, or what the catalogue recommends for a public method.

    Raises:
        MethodError: it does not exist, or cannot be opened, or the strategy is none.
    """
    parsed = (
        strategy if isinstance(strategy, Strategy) else Strategy.parse(strategy or recommended_strategy(spec))
    )
    return with_strategy(_opened(spec, device, python, limits), parsed)


def recommended_strategy(spec: str) -> str:
    """Name the strategy that a method runs under where the user names none.

    Raises:
        MethodError: there is no such public method.
    """
    if not spec.startswith("known:"):
        return "native"
    from df8k.baselines.known import known_method

    return known_method(spec).strategy


def _opened(spec: str, device: str, python: str, limits: Limits | None) -> Inpainter:
    # First, because the value of an option may look like a file or a module.
    if registered_name(spec) in methods():
        return load_spec(spec, device)
    kind, colon, rest = spec.partition(":")
    if kind == "known" and colon:
        from df8k.baselines.known import open_known

        return open_known(spec, device=device, limits=limits)
    if kind == "cmd" and colon:
        from .command import Command

        return Command(rest, limits=limits)
    if spec.endswith(".onnx"):
        from .network import NetworkWorker

        return NetworkWorker(Path(spec), "onnx", device=device, limits=limits)
    if spec.endswith(".pt"):
        from .network import NetworkWorker

        return NetworkWorker(Path(spec), "torchscript", device=device, limits=limits)
    if spec.endswith(".py"):
        raise MethodError(f"{spec!r} lacks the function to call: FILE.py:FUNCTION; {_functions(Path(spec))}")
    if colon:
        from .python import PythonWorker

        return PythonWorker(spec, python=python, limits=limits)
    return load_spec(spec, device)


def _functions(path: Path) -> str:
    """Say which functions and classes a Python file defines, without running it."""
    try:
        tree = ast.parse(path.read_bytes())
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    except (SyntaxError, ValueError) as error:
        return f"{path} is not Python: {error}"
    kinds = (ast.FunctionDef, ast.ClassDef)
    names = [node.name for node in tree.body if isinstance(node, kinds) and not node.name.startswith("_")]
    return f"it defines {', '.join(names)}" if names else "it defines no function"
