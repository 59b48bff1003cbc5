"""The gate for names from outside, and that nothing else makes paths of them."""

import ast
import re
from pathlib import Path

import pytest

from _df8k.gate import GateError, checked_id, inside, joined

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = [
    "../../escaped",
    "/etc/passwd",
    "..",
    ".",
    "",
    "a//b",
    "a/../../b",
    "a\\b",
    "a\0b",
    "a\nb",
    "x" * 300,
    "\ud800",
    None,
    7,
    b"name",
]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
@pytest.mark.parametrize("gate", [joined, inside])
def test_names_that_lead_elsewhere_are_refused(tmp_path, gate, name):
    with pytest.raises(GateError):
        gate(tmp_path, name)


@pytest.mark.parametrize(
    "name", [*HOSTILE, "0123456789abcde", "0123456789ABCDEF", "0123456789abcdef\n"], ids=ascii
)
def test_an_id_is_sixteen_hexadecimal_digits(name):
    with pytest.raises(GateError):
        checked_id(name)
    assert checked_id("0123456789abcdef") == "0123456789abcdef"


def test_links_may_not_lead_out(tmp_path):
    root = tmp_path / "root"
    (root / "images").mkdir(parents=True)
    (root / "images/a.png").write_text("")
    (root / "images/near.png").symlink_to("a.png")
    (root / "far").symlink_to(tmp_path)
    (root / "loop").symlink_to("loop")
    assert inside(root, "images/near.png").is_file()
    for name in ("far/x.png", "loop"):
        with pytest.raises(GateError):
            inside(root, name)


# Where a text that is not written in the code joins a path without the gate, and why it is no stranger's.
OURS = {
    "a suffix of a path that is there already, or chance": """
        _df8k/archive.py:extract _df8k/download.py:_from_mirror _df8k/download.py:_etag_of
        _df8k/files.py:atomic_path _df8k/files.py:only_writer _df8k/store/path.py:StorePath.uploading
        df8k/sources/filesystem.py:FileSystemFile.__call__
        df8k/storage/description.py:read_description df8k/sources/webfile.py:store
        leaderboard/results/journal.py:Journal.__init__
        leaderboard/site/build.py:_replaced leaderboard/votes/build.py:build_vote""",
    "files of the packages themselves": """
        _df8k/weights.py:WeightStore.candidates _df8k/weights.py:WeightStore.fetch
        _df8k/weights.py:WeightStore._obtain
        _df8k/weights.py:WeightStore._download metrics/networks/lpips.py:_heads
        baselines/adapters/declaration.py:read_convention
        baselines/known/opening.py:converted_path baselines/known/opening.py:write_worker
        leaderboard/votes/build.py:_text
        baselines/adapters/command.py:Command.__call__ baselines/rethined/runtime/backends.py:_cached_graph
        baselines/_shipped_graph.py:ShippedGraph.sources_sha256 baselines/_shipped_graph.py:ShippedGraph.write
        df8k/recipe.py:read_recipe
        leaderboard/site/render.py:packaged_text df8k/bundled.py:write_images
        df8k/bundled.py:write_images.draw
        df8k/documents/figures.py:write_figures df8k/documents/review.py:write_review
        df8k/sources/walk.py:_walk leaderboard/edge/assets.py:write_masks
        leaderboard/edge/assets.py:write_licences""",
    "hashes that were computed here, or read through a schema": """
        baselines/training/crops.py:open_masks df8k/builder.py:_Builder.run df8k/builder.py:_Builder._place
        df8k/curation/examine.py:examine df8k/curation/examine.py:_examine
        df8k/curation/examine.py:give_up _df8k/store/cache.py:BoundedCache.get
        df8k/curation/examine.py:look_over df8k/documents/review.py:_row df8k/sources/commons.py:Commons._rows
        df8k/sources/huggingface.py:HuggingFace.__iter__ df8k/sources/unpack.py:unpack
        df8k/sources/drive.py:DriveArchive.__iter__""",
    "numbers, sizes and splits that were checked": """
        leaderboard/edge/frames.py:_frame leaderboard/edge/scenes.py:write_scenes
        df8k/builder.py:_Builder._mask
        df8k/sources/listing.py:listed df8k/publishing/pack.py:pack df8k/dataset.py:Dataset._sample
        leaderboard/results/filled_pictures.py:FilledPictures._list
        leaderboard/site/pages/latency.py:write_latency_page
        leaderboard/site/pictures/views.py:_write_outlines
        leaderboard/site/pictures/views.py:_write_source leaderboard/calls/memory.py:_folder""",
    "slugs": """
        leaderboard/site/inputs.py:SiteInputs.copy_to
        leaderboard/site/build.py:_copy_results leaderboard/site/build.py:_write_charts.draw
        leaderboard/site/build.py:_write_tables leaderboard/site/build.py:_write_pictures.write
        leaderboard/site/build.py:_write_pages leaderboard/site/build.py:_write_comparisons
        leaderboard/site/pictures/thumbnails.py:write_thumbnail leaderboard/site/submissions.py:add""",
    "the operators of a path, which the gate itself joins by": """
        _df8k/store/path.py:StorePath.__truediv__ _df8k/store/path.py:StorePath.with_name
        _df8k/store/path.py:StorePath.with_suffix""",
    "compared only, never opened": "df8k/verification.py:_check_unlisted",
}
# Divisions of numbers, which syntax cannot tell from joins.
NUMBERS = """
    metrics/kernels/upsampling.py:_spread baselines/contract/pictures.py:scene
    baselines/hifill/visualize.py:_scene df8k/checks/blur.py:_geometry
    baselines/rethined/official.py:RethinedOfficial.__call__ df8k/scenes.py:_Canvas.__init__
    df8k/scenes.py:_Canvas.noise leaderboard/latency/session.py:_look_behind"""


def test_no_path_is_joined_from_outside_data_but_through_the_gate():
    known = set(NUMBERS.split()).union(*(places.split() for places in OURS.values()))
    strays = []
    for package in ("_df8k", "masks", "metrics", "baselines", "df8k", "leaderboard"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            # The command joins its user's own words; templates are files for users, who join their own.
            if name == "_df8k/gate.py" or name.startswith(("df8k/cli/", "baselines/templates/")):
                continue
            strays += [
                f"{name}:{line}: {code}"
                for place, line, code in _joins(path)
                if f"{name}:{place}" not in known
            ]
    assert not strays, "join these with _df8k.gate, or say in this test why the text is ours:\n" + "\n".join(
        strays
    )


def _joins(path: Path):
    """Yield (place, line, source) of every join of a path with a computed text."""

    def walk(node, scope):
        for child in ast.iter_child_nodes(node):
            inner = scope
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                inner = [*scope, child.name]
            if isinstance(child, ast.BinOp) and isinstance(child.op, ast.Div) and _is_text(child.right):
                yield ".".join(inner), child.lineno, ast.unparse(child)
            if (
                isinstance(child, ast.Call)
                and isinstance(child.func, ast.Attribute)
                and child.func.attr in {"joinpath", "with_name", "with_stem"}
                and not all(isinstance(argument, ast.Constant) for argument in child.args)
            ):
                yield ".".join(inner), child.lineno, ast.unparse(child)
            yield from walk(child, inner)

    yield from walk(ast.parse(path.read_text()), [])


_TEXT = re.compile(r"\b(\w*name|\w*file|\w*path|\w*folder|\w*stem|\w*key|\w*split|(\w*_)?id)\b")


def _is_text(node) -> bool:
    """Tell whether the right side of ``/`` may be a computed text; syntax does not tell numbers apart."""
    if isinstance(node, ast.JoinedStr):
        return True
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in {"str", "slug", "stored_name"}
    if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        return False
    if isinstance(node, ast.Name) and node.id.isupper():
        return False  # a constant
    return _TEXT.search(ast.unparse(node).lower()) is not None
