"""What a worker may say: bounded, typed and cleaned before anything is made of it."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from _df8k.bounded import faults, parse_json
from df8k.baselines.base import MethodFailedError

LINE_BYTES: Final = 65536
_TEXT: Final = 2000


def cleaned(value: object) -> str:
    """Make one printable line of a foreign text, of at most 2000 characters."""
    # What is not printable also turns text round, or is half a surrogate pair.
    printable = "".join(letter if letter.isprintable() else " " for letter in str(value)[: 2 * _TEXT])
    text = " ".join(printable.split())
    return text if len(text) <= _TEXT else f"{text[:_TEXT]}…"


_Text = Annotated[str, BeforeValidator(cleaned)]
_Bytes = Annotated[int, Field(ge=0, le=2**60)]


class Reply(BaseModel):
    """Answer to one request; see `baselines.adapters.worker`.

    Attributes:
        nonce: that of the request; another one's answer is none.
        kind: of a failure; absent where the call succeeded. A method has no other words for it.
        message: of a failure.
        model_seconds: what the method says that its network took.
        gpu_peak: highest memory that its torch handed out, and took from the GPU.
        card: what the method says of itself, when it is loaded.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    nonce: str = Field(max_length=100)
    kind: Literal["error", "out-of-memory", "wrong-output"] | None = None
    message: _Text = ""
    model_seconds: Annotated[float, Field(ge=0, le=1e9)] | None = None
    gpu_peak: tuple[_Bytes, _Bytes] | None = None
    card: dict[str, Any] | None = None


class Card(BaseModel):
    """What a method says of itself; what is absent is not stated."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: _Text | None = None
    version: _Text | None = None
    summary: _Text | None = None
    source: _Text | None = None
    licence: _Text | None = None
    parameters: Annotated[int, Field(ge=0, le=2**60)] | None = None
    settings: dict[str, Any] = Field(default_factory=dict)


def read_reply(line: bytes) -> Reply:
    """Read one line of a worker.

    Raises:
        MethodFailedError: it is no answer.
    """
    try:
        return Reply.model_validate(parse_json(line, "the answer of the process", _refused))
    except ValidationError as error:
        raise _refused(f"the answer of the process is none: {faults(error)}") from error


def read_card(card: dict[str, Any] | None) -> Card:
    """Read what a method says of itself.

    Raises:
        MethodFailedError: a field is of another kind; the message names it.
    """
    try:
        return Card.model_validate(card or {})
    except ValidationError as error:
        raise _refused(f"the method's card: {faults(error)}") from error


def _refused(message: str) -> MethodFailedError:
    return MethodFailedError("error", message)
