"""Structure-aware mutation, seeded: of bytes, of parsed JSON, of parquet tables."""

import copy
import io
import json
import random
import struct

import pyarrow as pa
import pyarrow.parquet as pq

TEXTS = [
    "",
    "../../escaped",
    "/etc/passwd",
    "\ud800",
    "x" * 100_000,
    "null",
    "NaN",
    "a\0b",
    "<script>",
    "left-out",
]
NUMBERS = [0, -1, 1, 2**31, 2**63, -(2**63), 10**400, 0.5, -0.0, 1e308, 1e-308, float("nan"), float("inf")]
VALUES = [None, True, False, [], {}, [None], {"a": 1}, *TEXTS, *NUMBERS]
MAGIC = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF]


def mutate_bytes(rng: random.Random, data: bytes) -> bytes:
    """Flip, cut, repeat, insert and overwrite with numbers that lengths are written as."""
    content = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 4, 16])):
        if not content:
            return bytes(rng.randbytes(rng.randrange(64)))
        at = rng.randrange(min(len(content), rng.choice([64, 1024, 2**30])))
        kind = rng.randrange(7)
        if kind == 0:
            content[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            content[at] = rng.randrange(256)
        elif kind == 2:
            del content[at:]
        elif kind == 3:
            del content[at : at + rng.randrange(1, 64)]
        elif kind == 4:
            content[at:at] = rng.randbytes(rng.randrange(1, 32))
        elif kind == 5:
            number = struct.pack(rng.choice(["<I", ">I", "<H", ">H"]), rng.choice(MAGIC) & 0xFFFF)
            content[at : at + len(number)] = number
        else:
            start = rng.randrange(len(content))
            content[at:at] = content[start : start + rng.randrange(1, 256)]
    return bytes(content)


def _places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _places(item, (*path, key))


def mutate_json(rng: random.Random, content) -> bytes:
    """Change values, types and keys anywhere in parsed JSON; sometimes its text."""
    if rng.random() < 0.1:
        return mutate_bytes(rng, json.dumps(content).encode())
    if rng.random() < 0.02:
        depth = rng.choice([50, 500, 200_000])
        return rng.choice([b"[", b'{"a":']) * depth
    content = copy.deepcopy(content)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        path = rng.choice(list(_places(content)))
        if not path:
            content = rng.choice(VALUES) if rng.random() < 0.05 else content
            continue
        owner = content
        for key in path[:-1]:
            owner = owner[key]
        key = path[-1]
        kind = rng.randrange(8)
        if kind == 0:
            del owner[key]
        elif kind == 1 and isinstance(owner, dict):
            owner[rng.choice(["unknown", *TEXTS])] = copy.deepcopy(owner[key])
        elif kind == 1:
            owner.append(copy.deepcopy(owner[key]))
        elif kind == 2 and isinstance(owner[key], (int, float)):
            owner[key] = owner[key] * rng.choice([-1, 2, 1e6, 1.0000001])
        elif kind == 3:
            owner[key] = str(owner[key])
        elif kind == 4:
            owner[key] = [owner[key]]
        elif kind == 5 and isinstance(owner[key], str):
            owner[key] = mutate_bytes(rng, owner[key].encode("utf-8", "replace")).decode("latin-1")
        else:
            owner[key] = copy.deepcopy(rng.choice(VALUES))
    return json.dumps(content).encode()


def mutate_table(rng: random.Random, table: pa.Table) -> bytes:
    """Change cells, types, columns and rows of a table; sometimes the bytes of its file."""
    kind = rng.randrange(12)
    names = table.column_names
    name = rng.choice(names)
    index = names.index(name)
    rows = table.num_rows
    if kind < 5:
        values = table.column(name).to_pylist()
        for _ in range(rng.choice([1, 1, rows])):
            values[rng.randrange(rows)] = rng.choice([None, *VALUES])
        table = table.set_column(index, name, _array(rng, values, table.schema.field(name).type))
    elif kind == 5:
        table = table.remove_column(index)
    elif kind == 6:
        table = table.rename_columns(
            [
                rng.choice(["", "../../escaped", "x" * 100_000, names[0], "l1.other"])
                if item == name
                else item
                for item in names
            ]
        )
    elif kind == 7:
        value = rng.choice([None, "x" * rng.choice([1, 1000, 100_000]), 1, 0.5])
        many = rng.choice([0, rows, 1_000_000])
        table = pa.table({item: pa.array([None], table.schema.field(item).type) for item in names})
        table = table.take(pa.array([0] * 1)) if many == 0 else table
        table = pa.concat_tables([table] * min(many, 50) or [table.slice(0, 0)])
        table = table.set_column(index, name, pa.array([value] * table.num_rows))
    elif kind == 8:
        table = rng.choice([table.slice(0, 0), pa.concat_tables([table, table]), table.slice(1)])
    elif kind == 9:
        order = list(range(rows))
        rng.shuffle(order)
        column = table.column(name).take(pa.array(order))
        table = table.set_column(index, name, column)
    buffer = io.BytesIO()
    compression = rng.choice(["zstd", "none", "snappy"])
    try:
        pq.write_table(table, buffer, compression=compression)
    except (pa.ArrowException, UnicodeError, OSError):
        return b"PAR1"
    data = buffer.getvalue()
    if kind < 10:
        return data
    if kind == 10:
        return mutate_bytes(rng, data)
    at = max(0, len(data) - rng.randrange(1, 2000))  # the footer, where sizes stand
    return data[:at] + mutate_bytes(rng, data[at:])


def _array(rng: random.Random, values, kind):
    """Make an array of mutated cells: of the type it had if they fit, else of one that fits."""
    for attempt in (kind, None, pa.string()):
        try:
            cells = [
                str(value)[:1000] if attempt == pa.string() and value is not None else value
                for value in values
            ]
            return pa.array(cells, attempt)
        except (pa.ArrowException, UnicodeError, OverflowError, TypeError, ValueError):
            continue
    return pa.nulls(len(values))


def million_rows(table: pa.Table, rows: int) -> bytes:
    """Write a file of a few kilobytes whose columns repeat one value ``rows`` times."""
    first = table.slice(0, 1)
    block = first.take(pa.array([0] * 1000))
    buffer = io.BytesIO()
    with pq.ParquetWriter(buffer, block.schema, compression="zstd") as writer:
        writer.write_table(pa.concat_tables([block] * (rows // 1000)), row_group_size=rows)
    return buffer.getvalue()
