"""Any edit of a result or its per-image file is found; what can be recomputed is found without the seal."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import leaderboard
from leaderboard.audit.validate import validate
from leaderboard.calls.timing import Budget
from leaderboard.results.content_hashes import write_sealed
from leaderboard.results.per_image import per_image_path, read_per_image, write_per_image
from leaderboard.results.schema import Result, read_content

MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MEASURED = ("known_drift", "hole_pixels", "mask_coverage", "mask_depth", "mask_components", "mask_sides")


@pytest.fixture(scope="module")
def stored(dataset, fake, tmp_path_factory):
    path = tmp_path_factory.mktemp("stored") / "seven.json"
    plan = leaderboard.Evaluation(
        sizes=[48, 120], metrics=["l1", "psnr"], budget=Budget(warmup_runs=0, runs=2)
    )
    method = fake(lambda image, _mask: np.full_like(image, 7), "seven")
    leaderboard.evaluate(method, dataset, evaluation=plan, out=path)
    assert validate(path, dataset) == []
    return path


def leaves(value, above=()):
    """Paths to everything that is no mapping or list."""
    items = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    )
    if items is None:
        return [above]
    return [leaf for name, inner in items for leaf in leaves(inner, (*above, name))]


def changed(value, factor):
    """Another value of the same kind."""
    if value is None:
        return 1
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return f"{value}x"
    if isinstance(value, list):
        return [*value, 1.0]
    return value + 1 if isinstance(value, int) else value * factor or 1e-3


def change_leaf(content, leaf, factor):
    inner = content
    for name in leaf[:-1]:
        inner = inner[name]
    inner[leaf[-1]] = changed(inner[leaf[-1]], factor)


def copy_of(path, folder):
    out = folder / "copy.json"
    shutil.copyfile(path, out)
    shutil.copyfile(per_image_path(path), per_image_path(out))
    return out


def test_a_hole_outside_the_declared_band_is_refused(dataset, fake, tmp_path):
    path = tmp_path / "seven.json"
    leaderboard.evaluate(fake(lambda image, _mask: image, "seven"), dataset, sizes=["native"], out=path)
    assert validate(path) == []
    rows = read_per_image(per_image_path(path))
    pixels = round(rows[0].hole_pixels / rows[0].mask_coverage)
    rows[0] = replace(rows[0], hole_pixels=6 * pixels // 10, mask_coverage=6 * pixels // 10 / pixels)
    write_per_image(per_image_path(path), rows, list(rows[0].scores))
    write_sealed(Result.model_validate(read_content(path)), path)
    (finding,) = validate(path)
    assert finding.endswith("missing, band-30-50-v1 declares 0.3 to 0.5")
    assert finding.startswith(f"image {rows[0].id}, size native: 0.")


def faults(path, dataset=None):
    """Reasons, an unreadable file among them."""
    try:
        return validate(path, dataset)
    except leaderboard.LeaderboardError as error:
        return [str(error)]


@MANY
@given(place=st.integers(0, 10**6), factor=st.sampled_from([1.000001, 0.5, -1.0]))
def test_every_edit_of_the_json_is_found(stored, tmp_path, place, factor):
    path = copy_of(stored, tmp_path)
    content = read_content(path)
    found = leaves(content)
    change_leaf(content, found[place % len(found)], factor)
    path.write_text(json.dumps(content))
    assert faults(path)


@MANY
@given(place=st.integers(0, 10**6), factor=st.sampled_from([1.000001, 0.5, -1.0]))
def test_figures_that_follow_from_the_rows_are_found_even_when_sealed_anew(stored, tmp_path, place, factor):
    path = copy_of(stored, tmp_path)
    content = read_content(path)
    found = [leaf for leaf in leaves(content) if leaf[0] == "sizes"]
    change_leaf(content, found[place % len(found)], factor)
    try:
        write_sealed(Result.model_validate(content), path)
    except ValueError:
        return  # no longer a result at all
    assert faults(path)


def change_cell(path, row, column, factor):
    table = pq.read_table(per_image_path(path))
    values = table[column].to_pylist()
    before = values[row]
    values[row] = "x" if before is None and pa.types.is_string(table.schema.field(column).type) else before
    if values[row] is before:
        empty = [1.0] if pa.types.is_list(table.schema.field(column).type) else 1
        values[row] = empty if before is None else changed(before, factor)
    place = table.column_names.index(column)
    field = table.schema.field(column)
    pq.write_table(table.set_column(place, field, pa.array(values, field.type)), per_image_path(path))


@MANY
@given(place=st.integers(0, 10**6), factor=st.sampled_from([1.000001, 0.5, -1.0]))
def test_every_edit_of_a_cell_is_found(stored, tmp_path, place, factor):
    path = copy_of(stored, tmp_path)
    table = pq.read_table(per_image_path(path))
    row, column = place % table.num_rows, table.column_names[place // table.num_rows % table.num_columns]
    change_cell(path, row, column, factor)
    assert faults(path)


@MANY
@given(place=st.integers(0, 10**6), factor=st.sampled_from([1.0001, 0.5]))
def test_cells_that_can_be_recomputed_are_found_even_when_sealed_anew(
    stored, dataset, tmp_path, place, factor
):
    path = copy_of(stored, tmp_path)
    table = pq.read_table(per_image_path(path))
    columns = [name for name in table.column_names if "." in name or name in MEASURED or name == "status"]
    change_cell(path, place % table.num_rows, columns[place // table.num_rows % len(columns)], factor)
    write_sealed(leaderboard.read_result(path), path)
    assert faults(path, dataset)


def test_a_result_without_a_seal_is_refused(stored, tmp_path):
    path = copy_of(stored, tmp_path)
    content = read_content(path)
    del content["seal"]
    path.write_text(json.dumps(content))
    assert validate(path) == ["it has no seal: results are written by df8k evaluate, score and merge"]


def test_spaces_and_the_order_of_keys_are_no_edit(stored, tmp_path):
    path = copy_of(stored, tmp_path)
    path.write_text(json.dumps(dict(reversed(read_content(path).items()))))
    assert validate(path) == []


def test_other_images_are_named(stored, edited, dataset, tmp_path):
    path = edited(stored, tmp_path, {"dataset": {"fingerprint": "f" * 64}})
    assert "it was measured on the split test of fingerprint ffff" in validate(path, dataset)[0]
