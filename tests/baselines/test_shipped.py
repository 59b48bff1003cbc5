import hashlib
from dataclasses import replace
from pathlib import Path

import baselines
from baselines import shipped


def test_shipped_weights_are_small_known_to_their_method_and_described():
    found = shipped.shipped_weights()
    assert {weights.method for weights in found} <= set(baselines.methods())
    assert sum(weights.size for weights in found) < 40_000_000
    for weights in found:
        assert weights.size <= 20_000_000
        assert hashlib.sha256(weights.path.read_bytes()).hexdigest() == weights.sha256
        assert weights.about
        card = weights.path.with_name("MODEL_CARD.md").read_text()
        assert weights.sha256 in card, "the model card is of another file"


def test_a_file_that_is_absent_is_not_listed(monkeypatch, tmp_path):
    entry = replace(baselines.methods()["rethined"], weights=tmp_path / "none.safetensors")
    monkeypatch.setattr(shipped, "methods", lambda: {"rethined": entry})
    assert shipped.shipped_weights() == ()


def test_the_shipped_rethined_is_what_loads():
    weights = {entry.method: entry for entry in shipped.shipped_weights()}["rethined"]
    method = baselines.load("rethined", backend="torch")
    assert not method.card.untrained
    assert method.card.weights_sha256 == weights.sha256
    assert Path(weights.path).name == "weights.safetensors"
