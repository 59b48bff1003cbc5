"""Whatever a user has becomes a method."""

import numpy as np
import pytest

import baselines


def Grey_Fill(image, mask):  # noqa: N802 - names of users' functions have any case
    return np.full_like(image, 128)


class Filler:
    def __call__(self, image, mask):
        return image


def test_a_function_is_named_after_itself():
    method = baselines.as_inpainter(Grey_Fill)
    assert method.card.name == "grey-fill"
    assert method.card.settings == {"adapter": "function"}
    image = np.zeros((4, 5, 3), np.uint8)
    assert (method(image, np.zeros((4, 5), bool)) == 128).all()


@pytest.mark.parametrize(("function", "name"), [(lambda image, mask: image, "lambda"), (Filler(), "filler")])
def test_nameless_callables_have_a_name_too(function, name):
    assert baselines.as_inpainter(function).card.name == name
    assert baselines.as_inpainter(function, "mine").card.name == "mine"


def test_a_spec_and_an_inpainter_stay_what_they_are():
    mean = baselines.load("mean")
    assert baselines.as_inpainter(mean) is mean
    assert baselines.as_inpainter("mean").card == mean.card
    renamed = baselines.as_inpainter(mean, "floor")
    assert renamed.card.name == "floor"
    assert renamed.card.version == mean.card.version


@pytest.mark.parametrize("thing", [3, None, np.zeros(3)])
def test_anything_else_is_refused(thing):
    with pytest.raises(baselines.MethodError, match="no method"):
        baselines.as_inpainter(thing)


def test_a_file_without_a_function_lists_those_that_it_defines(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("def load():\n    pass\n\ndef _hidden():\n    pass\n\nclass Net:\n    pass\n")
    with pytest.raises(baselines.MethodError, match=r"FILE\.py:FUNCTION; it defines load, Net"):
        baselines.open_method(str(path))
    path.write_text("def load(:\n")
    with pytest.raises(baselines.MethodError, match="is not Python"):
        baselines.open_method(str(path))
    with pytest.raises(baselines.MethodError, match="cannot be read"):
        baselines.open_method(str(tmp_path / "absent.py"))


def test_a_method_of_a_file_is_named_after_the_file_where_its_function_is_called_load(tmp_path):
    path = tmp_path / "wrapper.py"
    path.write_text("def load():\n    return lambda image, mask: image\n\nmake = load\n")
    for function, name in (("load", "wrapper"), ("make", "make")):
        method = baselines.open_method(f"{path}:{function}")
        assert method.card.name == name
        method.close()


def test_unknown_options_are_answered_with_the_known_ones():
    with pytest.raises(baselines.MethodError, match=r"no option 'foo'; its options are .*cycles"):
        baselines.open_method("harmonic,foo=1")
    with pytest.raises(baselines.MethodError, match="cycles is 'abc', a number is expected"):
        baselines.open_method("harmonic,cycles=abc")


def test_pictures_that_are_no_arrays_are_refused_with_the_remedy():
    from PIL import Image

    picture = Image.new("RGB", (5, 4))
    with pytest.raises(baselines.MethodError, match=r"image is a PIL\.Image\.Image.*numpy\.asarray"):
        baselines.load("mean")(picture, np.zeros((4, 5), bool))
