"""Reading published weight files, written here in their formats."""

import base64
import struct
import zlib

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from baselines import MethodError
from baselines.hifill import load_weights
from baselines.hifill.checkpoints.convert import convert
from baselines.hifill.checkpoints.frozen_graph import _read
from baselines.hifill.checkpoints.names import GENERATOR
from baselines.hifill.checkpoints.tensorflow_checkpoint import (
    _read_index,
    masked_crc32c,
    official_variables,
    read_checkpoint,
)
from baselines.hifill.checkpoints.wire import fields
from df8k.cli.convert_hifill import convert_hifill

DATA = "0.data-00000-of-00001"

# Written by TensorFlow 2.15.1: the index of a checkpoint, and a frozen graph, of three variables
# net/layer/w [3, 3, 2, 4], net/layer/biases [4] and net/zero [5] (all zero).
TINY_INDEX = (
    "c-muNVB=tvV&Y(A5a7>CEz!?OtV}J^Ps&UzPA%qO6k-u#;$YDbFx~&h@GuvnTscrk04T%^#Y`Y+1p$o(Or|QVGe5Ji2vwyP<wNzc"
    "Dr{iV5HU?kVen@F0!9#_dbU9i&N=XD;RXgqrhJAxxX{fK4ZUKH21Y&x!XW&2L$^w)`)vTAaURe"
)
TINY_GRAPH = (
    "c-n20TTIhX7{}LcWAm%XI5N>ffFKGs7(fy=Q+IS;f=0X`qA}`H*NT<0Eo+B>mqZsAH6n?L@j>V9NqxWvA}Y}y5+%gM#OsU3c*6%D"
    "6vZnKCfeavC+;L)Z{Iop@AsYmN#Pw0j9*kMWWG%dRqR66#R0#fatv4nwJj(jx{~7V&|q!h<*<l)Y0ov<P9X=P?dC+#dRU6j(F4P8"
    "@!Wkc-Mh~9FBpmrktfz;+Q@~g+E(?_t%67q>1waO^?v<V?Rxn|5^LFpv(E5%#p7o<=hMmsudD8BJ*OEm^0}V`_Uy)YKOQBguAC%;"
    "C+f6(mxlYqkXv9P<VJKhncyhGu`MN9%cCWvyrW5@Z@O{y@J}4TXUX%;MI?5+mUteqeHZr1Wb=dwIq;$rM{{i2!-4xGdUP5tlzKE="
    "_>$PQ$)vDr66x#l65q}*^TUH#ea^{;wO?2E<L_%W;oPSkxT>ZTKWNl&dr2oba%dwyUo}L!8d%bl`HghXh~oFxF5`)%E41UKgLt^N"
    "oUES5y6?sE-5qldkt42G?oj0j{#Y3y%)IRw>cEk*(-k3+7m$6qAo^8FZDUhi;0hqa>yvp!K{<esLk{>{3sdtppz7n+Ky9k#Hi=h6"
    "C9Q?ik`Cs3SlvI%sAmplPJuQ(@&@O1|8O77pNWA7=UBP1od4D1rW&wQAQw5uz$PXc#LK}RPqvGpKw8onNzx)uL4wp;oMTEebg9gw"
    ")L2TR2A5~hWkVLqH0VZ?29*n_R>Z84d7ro=APZvXU#L8=Dm!@n1-ar!pVGsg2pX<ZkfAryGHVG++*zuX{m*O83F8Dw=2b~=8rdO("
    "wNNxoak-E!wgzR%C#l{bF9?#qQ9(4A3^;Bg*c3G+31V`YKDbHX2rHu37Z&_}Z@}+u42BV1M(I@;fmeC&_CTnaS5XGCtg6|tn9BxR"
    "LOlLy-J;s1uoi3{-JC^&fRYbvvVru+;4f18Do_o7EKTFAStm|7o9SWnKS$hI%0-!A8JO3Fn^FA2{%a_kkja8^O`;g|3R1JaHDx9a"
    "z)~*>t)sGrhf~3<cZjTd9}Tluqoug+-${8uwWXYs_zEM5OvPsVhw;Aw4`PXh"
)


def tiny(text):
    return zlib.decompress(base64.b85decode(text))


def number(value):
    """Base-128 number."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def message(*parts):
    """Protocol-buffer message of (field, content): integers as numbers, everything else as bytes."""
    out = b""
    for key, content in parts:
        if isinstance(content, int):
            out += number(key << 3) + number(content)
        else:
            raw = content.encode() if isinstance(content, str) else content
            out += number(key << 3 | 2) + number(len(raw)) + raw
    return out


def block(entries):
    """One block of a sorted string table, without prefix sharing, with its trailer."""
    body = b"".join(number(0) + number(len(k)) + number(len(v)) + k + v for k, v in entries)
    body += struct.pack("<II", 0, 1)
    return body + b"\0" + struct.pack("<I", masked_crc32c(np.frombuffer(body + b"\0", np.uint8)))


def index(tensors, offsets):
    entries = [(b"", b"\x08\x01")]
    for name in sorted(tensors):
        array = tensors[name]
        shape = b"".join(message((2, message((1, side)))) for side in array.shape)
        checksum = masked_crc32c(array.view(np.uint8).ravel())
        value = message((1, 1), (2, shape), (4, offsets[name]), (5, array.nbytes))
        entries.append((name.encode(), value + number(6 << 3 | 5) + struct.pack("<I", checksum)))
    data = block(entries)
    pointer = block([(b"z", number(0) + number(len(data) - 5))])
    footer = number(0) + number(0) + number(len(data)) + number(len(pointer) - 5)
    return data + pointer + footer.ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)


@pytest.fixture
def checkpoint(tmp_path, official_tensors):
    """A checkpoint in the official layout: random values at the documented offsets, and their index."""
    folder = tmp_path / "places2"
    folder.mkdir()
    table = official_variables()
    data = bytearray(34_737_568)
    for name, variable in table.items():
        data[variable.offset : variable.offset + variable.size] = official_tensors[name].tobytes()
    (folder / DATA).write_bytes(data)
    offsets = {name: variable.offset for name, variable in table.items()}
    (folder / "0.index").write_bytes(index(dict(official_tensors), offsets))
    return folder


def same(network, expected):
    state, other = network.state_dict(), expected.state_dict()
    return state.keys() == other.keys() and all(torch.equal(state[name], other[name]) for name in state)


def test_checksum_of_known_strings():
    for data, crc in ((b"123456789", 0xE3069283), (bytes(32), 0x8A9136AA), (b"", 0)):
        masked = (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF
        assert masked_crc32c(np.frombuffer(data, np.uint8)) == masked


def test_official_table_fills_the_official_file():
    variables = sorted(official_variables().values(), key=lambda variable: variable.offset)
    ends = [variable.offset + variable.size for variable in variables]
    assert [variable.offset for variable in variables] == [0, *ends[:-1]]
    assert ends[-1] == 34_737_568


@pytest.mark.parametrize("given", [".", DATA, "0.index", "0"])
def test_official_checkpoint_converts(checkpoint, generator, discriminator, given):
    converted = convert(checkpoint / given)
    assert same(converted.generator, generator)
    assert same(converted.critic, discriminator)
    assert converted.licence == "MIT"
    assert converted.provenance["is_released_checkpoint"] is False


def test_converted_file_gives_the_output_of_the_tensors(checkpoint, generator, tmp_path, golden_mask):
    out = tmp_path / "out.safetensors"
    convert(checkpoint).save(out, with_critic=True)
    image = torch.rand(1, 3, 512, 512, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.inference_mode():
        ours = load_weights(out).generator(image, golden_mask)
        direct = generator(image, golden_mask)
    assert torch.equal(ours.refined, direct.refined)


def test_generator_without_critic_converts(tmp_path, official_tensors, generator):
    tensors = {s.tensorflow: official_tensors[s.tensorflow] for s in GENERATOR.values()}
    write(tmp_path, tensors)
    converted = convert(tmp_path)
    assert same(converted.generator, generator)
    assert converted.critic is None
    with pytest.raises(MethodError, match="holds no discriminator"):
        converted.save(tmp_path / "out.safetensors", with_critic=True)
    assert not (tmp_path / "out.safetensors").exists()


def write(folder, tensors):
    offsets, at = {}, 0
    for name in sorted(tensors):
        offsets[name], at = at, at + tensors[name].nbytes
    (folder / DATA).write_bytes(b"".join(tensors[name].tobytes() for name in sorted(tensors)))
    (folder / "0.index").write_bytes(index(tensors, offsets))


def change(folder, name, edit):
    data = bytearray((folder / name).read_bytes())
    edit(data)
    (folder / name).write_bytes(data)


def test_data_without_its_index_must_be_the_release(checkpoint):
    (checkpoint / "0.index").unlink()
    with pytest.raises(MethodError, match=r"checksum differs for discriminator/conv1/biases.*and 201 more"):
        convert(checkpoint)


@pytest.mark.parametrize(
    ("file", "edit", "problem"),
    [
        (DATA, lambda data: data.pop(), "has 34737567 bytes, expected 34737568"),
        (DATA, lambda data: data.extend(b"\0"), "has 34737569 bytes, expected 34737568"),
        (
            DATA,
            lambda data: data.__setitem__(30_000_000, 255),
            "checksum differs for generator/re_de_up__128",
        ),
        (
            "0.index",
            lambda data: data.__setitem__(50, data[50] ^ 1),
            "checksum of the block at byte 0 differs",
        ),
        ("0.index", lambda data: data.pop(), "is no checkpoint index"),
    ],
)
def test_damaged_checkpoints_are_refused(checkpoint, file, edit, problem):
    change(checkpoint, file, edit)
    with pytest.raises(MethodError, match=problem):
        convert(checkpoint)


def test_other_checkpoints_are_refused(tmp_path, official_tensors):
    tensors = {s.tensorflow: official_tensors[s.tensorflow] for s in GENERATOR.values()}
    first, *_, last = tensors
    for changed, problem in (
        ({k: v for k, v in tensors.items() if k != last}, f"missing {last}"),
        (tensors | {"generator/extra/w": np.zeros(3, np.float32)}, "unexpected generator/extra/w"),
        (tensors | {first: tensors[first][:, :3]}, rf"{first} has shape \(5, 3, 4, 32\) and not"),
        (tensors | {last: tensors[last] * np.float32("nan")}, f"{last} holds values that are not finite"),
    ):
        write(tmp_path, {name: np.ascontiguousarray(array) for name, array in changed.items()})
        with pytest.raises(MethodError, match=problem):
            convert(tmp_path)


def test_absent_and_ambiguous_paths_are_refused(tmp_path, checkpoint):
    with pytest.raises(MethodError, match="no checkpoint data at"):
        convert(tmp_path / "nothing")
    with pytest.raises(MethodError, match="no file at"):
        convert(tmp_path / "nothing.pb")
    (checkpoint / ("1" + DATA[1:])).write_bytes(b"")
    with pytest.raises(MethodError, match="holds 2 checkpoints"):
        convert(checkpoint)


def test_index_written_by_tensorflow(tmp_path):
    (tmp_path / "0.index").write_bytes(tiny(TINY_INDEX))
    variables = _read_index(tmp_path / "0.index")
    shapes = {name: variable.shape for name, variable in variables.items()}
    assert shapes == {"net/layer/biases": (4,), "net/layer/w": (3, 3, 2, 4), "net/zero": (5,)}
    random = np.random.RandomState(3)
    kernel, biases = random.randn(3, 3, 2, 4).astype(np.float32), random.randn(4).astype(np.float32)
    data = biases.tobytes() + kernel.tobytes() + bytes(20)
    (tmp_path / DATA).write_bytes(data)
    np.testing.assert_array_equal(read_checkpoint(tmp_path)["net/layer/w"], kernel)


def test_graph_written_by_tensorflow(tmp_path):
    (tmp_path / "tiny.pb").write_bytes(tiny(TINY_GRAPH))
    nodes = _read(tmp_path / "tiny.pb")
    random = np.random.RandomState(3)
    np.testing.assert_array_equal(nodes["net/layer/w"].constant, random.randn(3, 3, 2, 4).astype(np.float32))
    np.testing.assert_array_equal(nodes["net/layer/biases"].constant, random.randn(4).astype(np.float32))
    np.testing.assert_array_equal(nodes["net/zero"].constant, np.zeros(5, np.float32))
    assert nodes["Conv2D"].inputs == ["x", "net/layer/w/read"]
    with pytest.raises(MethodError, match=r"not those of HiFill's generator \(number 0 is \[3, 3, 2, 4\]"):
        convert(tmp_path / "tiny.pb")


@pytest.mark.parametrize("kind", ["pb", "index", "ckpt"])
def test_no_damage_causes_anything_but_a_clear_error(tmp_path, kind):
    """Flipped and missing bytes, thousands of ways."""
    good = {
        "pb": tiny(TINY_GRAPH),
        "index": tiny(TINY_INDEX),
        "ckpt": mindspore_file({"refinement4.conv2d.bias": np.arange(8, dtype=np.float32)}),
    }[kind]
    (tmp_path / DATA).write_bytes(bytes(4 * 81))
    path = tmp_path / ("0.index" if kind == "index" else f"x.{kind}")
    random = np.random.default_rng(0)
    for attempt in range(600):
        bad = bytearray(good)
        for _ in range(1 + attempt % 3):
            bad[random.integers(len(bad))] = random.integers(256)
        if attempt % 4 == 0:
            del bad[random.integers(len(bad)) :]
        path.write_bytes(bad)
        with pytest.raises(MethodError):
            convert(path)


def node(name, operation, inputs=(), array=None):
    parts = [(1, name), (2, operation), *((3, i) for i in inputs)]
    if array is not None:
        shape = b"".join(message((2, message((1, side)))) for side in array.shape)
        tensor = message((1, 1), (2, shape), (4, array.tobytes()))
        parts.append((5, message((1, "value"), (2, message((8, tensor))))))
    return message((1, message(*parts)))


def frozen(tensors, *, rename=lambda name: name):
    """The generator as a chain of dilated convolutions with biases, each behind an identity."""
    graph, before = node("img", "Placeholder"), "img"
    eye = np.eye(3, dtype=np.float32).reshape(3, 3, 1, 1)
    graph += node("fuse", "Const", array=eye) + node("fused", "Conv2D", ["img", "fuse"])
    sources = [source.tensorflow for source in GENERATOR.values()]
    for i, (kernel, bias) in enumerate(zip(sources[::2], sources[1::2], strict=True)):
        for name in (kernel, bias):
            graph += node(rename(name), "Const", array=tensors[name])
            graph += node(f"{rename(name)}/read", "Identity", [rename(name)])
        graph += node(f"conv{i}", "Conv2D", [before, f"{rename(kernel)}/read"])
        graph += node(f"space{i}", "BatchToSpaceND", [f"conv{i}"])
        graph += node(f"bias{i}", "BiasAdd" if i % 2 else "AddV2", [f"space{i}", f"{rename(bias)}/read:0"])
        before = f"bias{i}"
    return graph


@pytest.mark.parametrize(
    "rename",
    [lambda name: name, lambda name: f"model/{name}", lambda name: f"c{zlib.crc32(name.encode())}"],
    ids=["names", "prefix", "structure"],
)
def test_frozen_graph_converts(tmp_path, official_tensors, generator, rename):
    path = tmp_path / "hifill.pb"
    path.write_bytes(frozen(official_tensors, rename=rename))
    converted = convert(path)
    assert same(converted.generator, generator)
    assert converted.provenance["kind"] == "frozen-graph"


def test_other_graphs_are_refused(tmp_path):
    path = tmp_path / "hifill.pb"
    for content, problem in (
        (b"", "holds no graph nodes"),
        (b"\x0a\xff", "damaged message"),
        (node("x", "Placeholder"), r"not those of HiFill's generator \(0 in place of 96\)"),
    ):
        path.write_bytes(content)
        with pytest.raises(MethodError, match=problem):
            convert(path)


def mindspore(tensors):
    parameters = {
        source.mindspore: tensors[source.tensorflow].transpose(
            (3, 2, 0, 1) if len(source.shape) == 4 else None
        )
        for source in GENERATOR.values()
    }
    parameters["apply_attention1.conv_pl1.0.conv2d.bias"] = np.zeros(32, np.float32)  # never run
    return parameters


def mindspore_file(parameters):
    content = b""
    for name, array in parameters.items():
        raw = np.ascontiguousarray(array).tobytes()
        for piece in (raw[: len(raw) // 8 * 4], raw[len(raw) // 8 * 4 :]):  # large tensors come in pieces
            dims = b"".join(message((1, side)) for side in array.shape)
            content += message((1, message((1, name), (2, dims + message((2, "Float32"), (3, piece))))))
    return content


def test_mindspore_checkpoint_converts(tmp_path, official_tensors, generator):
    path = tmp_path / "cra.ckpt"
    path.write_bytes(mindspore_file(mindspore(official_tensors)))
    assert same(convert(path).generator, generator)


def test_other_mindspore_checkpoints_are_refused(tmp_path, official_tensors):
    path = tmp_path / "cra.ckpt"
    parameters = mindspore(official_tensors)
    gone = parameters.pop("refinement4.conv2d.bias")
    path.write_bytes(mindspore_file(parameters | {"refinement4.norm": gone}))
    with pytest.raises(MethodError, match=r"missing refinement4.conv2d.bias; unexpected refinement4.norm"):
        convert(path)
    path.write_bytes(mindspore_file(parameters | {"refinement4.conv2d.bias": gone[:5]}))
    with pytest.raises(MethodError, match=r"refinement4.conv2d.bias has 5 values, expected \(128,\)"):
        convert(path)


def test_wire_reads_every_kind():
    data = (
        message((1, 300), (2, b"ab"))
        + number(3 << 3 | 5)
        + b"\1\0\0\0"
        + number(4 << 3 | 1)
        + b"\2"
        + bytes(7)
    )
    found = [
        (key, value if isinstance(value, int) else bytes(value)) for key, value in fields(memoryview(data))
    ]
    assert found == [(1, 300), (2, b"ab"), (3, 1), (4, 2)]
    for bad in (b"\x08", b"\x08" + b"\xff" * 11, b"\x12\x05a", b"\x0b"):
        with pytest.raises(MethodError, match="damaged message"):
            list(fields(memoryview(bad)))


def test_command(checkpoint, tmp_path):
    out = tmp_path / "hifill.safetensors"
    result = CliRunner().invoke(convert_hifill, [str(checkpoint), "--out", str(out), "--json"])
    assert result.exit_code == 0, result.output
    assert '"is_released_checkpoint": false' in result.output
    assert not load_weights(out).untrained
    plain = CliRunner().invoke(convert_hifill, [str(checkpoint), "--out", str(out)])
    assert "tensorflow-checkpoint places2, other weights, licence MIT" in plain.output
