"""Reading the official TensorFlow checkpoint without TensorFlow.

A checkpoint is two files: ``NAME.data-00000-of-00001`` with the raw numbers and ``NAME.index`` with a sorted
table of names, shapes, offsets and checksums. The index of the released weights is kept in ``variables.tsv``,
so their data file alone is enough; checkpoints of other trainings need their own index.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from _df8k.kernels import serial_kernel
from df8k.baselines.base import MethodError
from df8k.baselines.hifill.weights import listed

from .names import Floats
from .wire import fields, numbers, varint

DATA_SUFFIX: Final = ".data-00000-of-00001"
INDEX_SUFFIX: Final = ".index"

_POLYNOMIAL = 0x82F63B78
_MASK_DELTA = 0xA282EAD8
_FLOAT32 = 1  # DT_FLOAT
_FOOTER = 48
_MAGIC = 0xDB4775248B80FB57


@dataclass(frozen=True)
class Variable:
    """One tensor of a checkpoint.

    Attributes:
        shape: in TensorFlow's layout.
        offset: first byte in the data file.
        checksum: masked CRC-32C of its bytes.
    """

    shape: tuple[int, ...]
    offset: int
    checksum: int

    @property
    def size(self) -> int:
        """Length in bytes."""
        return 4 * int(np.prod(self.shape, dtype=np.int64))


@cache
def official_variables() -> Mapping[str, Variable]:
    """List the 206 tensors of the released checkpoint, generator and discriminator, by name."""
    table = files(__package__).joinpath("variables.tsv").read_text(encoding="utf-8")
    variables = {}
    for line in table.splitlines()[1:]:
        name, _, shape, _, offset, _, checksum = line.split("\t")
        variables[name] = Variable(tuple(json.loads(shape)), int(offset), int(checksum, 16))
    return variables


def read_checkpoint(path: Path) -> dict[str, Floats]:
    """Read every tensor of a checkpoint.

    Args:
        path: the data file, the index file, their common prefix, or a folder with one checkpoint.

    Returns:
        Name → float32 array in TensorFlow's layout.

    Raises:
        MethodError: files are absent, of the wrong size, damaged, or, without an index, not those released.
    """
    prefix = _prefix(path)
    data_path, index_path = prefix + DATA_SUFFIX, prefix + INDEX_SUFFIX
    if not Path(data_path).is_file():
        raise MethodError(f"no checkpoint data at {data_path}: give the folder or prefix that holds it")
    indexed = Path(index_path).is_file()
    variables = _read_index(Path(index_path)) if indexed else official_variables()
    data = np.fromfile(data_path, np.uint8)
    expected = sum(variable.size for variable in variables.values())
    if len(data) != expected:
        raise MethodError(
            f"{data_path} has {len(data)} bytes, expected {expected}: the download is incomplete"
        )
    pieces = {name: data[v.offset : v.offset + v.size] for name, v in variables.items()}
    wrong = [name for name, v in variables.items() if masked_crc32c(pieces[name]) != v.checksum]
    if wrong:
        advice = "fetch the file again" if indexed else f"put its {INDEX_SUFFIX} beside it or fetch it again"
        raise MethodError(f"{data_path}: checksum differs for {listed(wrong)}: {advice}")
    return {
        name: pieces[name].view("<f4").astype(np.float32).reshape(v.shape) for name, v in variables.items()
    }


def _prefix(path: Path) -> str:
    if path.is_dir():
        indexes = sorted(path.glob(f"*{DATA_SUFFIX}"))
        if len(indexes) != 1:
            raise MethodError(f"{path} holds {len(indexes)} checkpoints (*{DATA_SUFFIX}): name one of them")
        path = indexes[0]
    return str(path).removesuffix(DATA_SUFFIX).removesuffix(INDEX_SUFFIX)


def masked_crc32c(data: npt.NDArray[np.uint8]) -> int:
    """CRC-32C (Castagnoli) of bytes, rotated and offset as TensorFlow stores it."""
    crc = int(_crc32c(data, _crc_table()))
    return (((crc >> 15) | (crc << 17)) + _MASK_DELTA) & 0xFFFFFFFF


@cache
def _crc_table() -> npt.NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(_POLYNOMIAL), table >> 1)
    return table


@serial_kernel
def _crc32c(data: npt.NDArray[np.uint8], table: npt.NDArray[np.uint32]) -> np.uint32:
    crc = np.uint32(0xFFFFFFFF)
    for byte in data:
        crc = table[(crc ^ byte) & np.uint32(0xFF)] ^ (crc >> np.uint32(8))
    return crc ^ np.uint32(0xFFFFFFFF)


def _read_index(path: Path) -> dict[str, Variable]:
    """Read a checkpoint index: a sorted string table whose blocks are not compressed."""
    data = memoryview(path.read_bytes())
    if len(data) < _FOOTER or struct.unpack("<Q", data[-8:])[0] != _MAGIC:
        raise MethodError(f"{path} is no checkpoint index: its last eight bytes are not the table's mark")
    footer = data[-_FOOTER:]
    _, at = varint(footer, 0)
    _, at = varint(footer, at)
    offset, at = varint(footer, at)
    size, _ = varint(footer, at)
    variables: dict[str, Variable] = {}
    for _, handle in _block(data, offset, size, path):
        start, at = varint(handle, 0)
        length, _ = varint(handle, at)
        for key, value in _block(data, start, length, path):
            if key:  # the empty key holds the header
                variables[key.decode()] = _entry(value, key.decode(), path)
    return variables


def _block(data: memoryview, offset: int, size: int, path: Path) -> list[tuple[bytes, memoryview]]:
    """Entries of one block; each key repeats a prefix of the one before."""
    if offset + size + 5 > len(data):
        raise MethodError(f"{path} ends inside a block: the download is incomplete")
    whole = np.frombuffer(data[offset : offset + size + 1], np.uint8)
    (stored,) = struct.unpack("<I", data[offset + size + 1 : offset + size + 5])
    if data[offset + size] != 0:
        raise MethodError(f"{path} has a compressed block, which TensorFlow's checkpoints never have")
    if masked_crc32c(whole) != stored:
        raise MethodError(f"{path}: checksum of the block at byte {offset} differs: fetch the file again")
    block = data[offset : offset + size]
    (restarts,) = struct.unpack("<I", block[-4:])
    entries: list[tuple[bytes, memoryview]] = []
    key, at, end = b"", 0, size - 4 * (restarts + 1)
    while at < end:
        shared, at = varint(block, at)
        added, at = varint(block, at)
        length, at = varint(block, at)
        key = key[:shared] + bytes(block[at : at + added])
        at += added
        entries.append((key, block[at : at + length]))
        at += length
    return entries


def _entry(value: memoryview, name: str, path: Path) -> Variable:
    shape: list[int] = []
    integers = {1: 0, 3: 0, 4: 0, 6: 0}  # dtype, shard, offset, checksum
    for number, content in fields(value):
        if number == 2 and isinstance(content, memoryview):
            shape = [_dimension(item) for key, item in fields(content) if key == 2]
        elif isinstance(content, int):
            integers[number] = content
    if integers[1] != _FLOAT32 or integers[3] != 0:
        raise MethodError(
            f"{path}: {name} is of type {integers[1]} in shard {integers[3]}, expected float32 in shard 0"
        )
    return Variable(tuple(shape), integers[4], integers[6])


def _dimension(item: int | memoryview) -> int:
    sizes = [
        numbers(value)[0]
        for number, value in fields(memoryview(b"") if isinstance(item, int) else item)
        if number == 1
    ]
    return sizes[0] if sizes else 0
