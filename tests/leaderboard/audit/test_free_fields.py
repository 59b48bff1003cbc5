"""What may change in a result that is sealed anew: every such field by name, with the reason."""

import json
import shutil

import numpy as np
import pytest

import leaderboard
from leaderboard.audit.validate import validate
from leaderboard.calls.timing import Budget
from leaderboard.results.content_hashes import write_sealed
from leaderboard.results.distribution_states import features_path
from leaderboard.results.per_image import per_image_path
from leaderboard.results.schema import Result, read_content

# A seal is no signature: whoever edits a result can seal it anew. These fields follow from nothing else in
# the files, so validation takes what is of their kind; `df8k reproduce` measures again what they lead to.
STATED = "what the method says of itself, or its user of it"
MACHINE = "the machine that measured; another one may say anything"
ORIGIN = "what made the numbers; reproduce tells differences"
FREE = {
    "method.name": STATED,
    "method.version": STATED,
    "method.summary": STATED,
    "method.source": STATED,
    "method.licence": STATED,
    "method.parameters": STATED,
    "method.weights_sha256": STATED,
    "method.learning": STATED,
    "method.control": STATED,
    "method.added_stages": STATED,
    "method.settings": STATED,
    "method.spec": STATED,
    "method.device": STATED,
    "dataset.name": "checked by fingerprint where the dataset is given",
    "dataset.version": "checked by fingerprint where the dataset is given",
    "dataset.headline": "which size a board shows first",
    "dataset.preset": "absent: a result of a dataset that does not say",
    "protocol.version": "a board shows results of one version only",
    "protocol.metrics": "the variant; a board shows results of one variant only",
    "protocol.warmup": "how often was warmed up; uncounted",
    "protocol.timing": "how often was timed at most; the runs are counted in the rows",
    "protocol.timed_region": "words",
    "environment.cpu": MACHINE,
    "environment.cores": MACHINE,
    "environment.threads": MACHINE,
    "environment.memory_bytes": MACHINE,
    "environment.gpu": MACHINE,
    "environment.system": MACHINE,
    "environment.python": MACHINE,
    "environment.libraries": MACHINE,
    "protocol.least_runs": "how often was timed at least; the runs are counted in the rows",
    "sizes.distributions.swd.pseudo_values": "older results have none; without them there is no interval",
    "provenance.df8k_version": ORIGIN,
    "provenance.commit": ORIGIN,
    "provenance.dirty": ORIGIN,
    "provenance.command": ORIGIN,
    "provenance.metric_weights": ORIGIN,
    "provenance.date": ORIGIN,
    "repeatable": "whether the method gave one answer twice; reproduce asks it again",
    "seal": "made anew here",
}
OTHERS = (None, True, -1, 7, 1e300, "x", "a" * 64, "native", "ours", [], {}, ["x"], {"x": "y"})


@pytest.fixture(scope="module")
def stored(dataset, fake, tmp_path_factory):
    path = tmp_path_factory.mktemp("free") / "seven.json"
    plan = leaderboard.Evaluation(
        sizes=[48, 120], metrics=["l1", "swd"], limit=3, budget=Budget(warmup_runs=0, runs=2)
    )
    method = fake(lambda image, _mask: np.full_like(image, 7), "seven")
    leaderboard.evaluate(method, dataset, evaluation=plan, out=path)
    return path


def leaves(value, above=()):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    inner = [leaf for name, item in items for leaf in leaves(item, (*above, name))]
    return [above, *inner] if above else inner


def test_whatever_follows_from_something_cannot_be_changed(stored, dataset, tmp_path):
    path = tmp_path / stored.name
    shutil.copyfile(per_image_path(stored), per_image_path(path))
    shutil.copytree(features_path(stored), features_path(path))
    content = read_content(stored)
    taken: dict[str, list] = {}
    for leaf in leaves(content):
        words = [part for part in leaf if isinstance(part, str)]
        name = ".".join(words if leaf[0] == "sizes" else words[:2])
        for other in OTHERS:
            edited = json.loads(json.dumps(content))
            owner = edited
            for key in leaf[:-1]:
                owner = owner[key]
            if owner[leaf[-1]] == other:
                continue
            owner[leaf[-1]] = other
            path.write_text(json.dumps(edited))
            try:
                write_sealed(Result.model_validate_json(json.dumps(edited), strict=True), path)
            except ValueError:
                continue  # no longer a result at all
            try:
                found = validate(path, dataset)
            except leaderboard.LeaderboardError:
                continue
            if not found:
                taken.setdefault(name if name in FREE else leaf[0], []).append((leaf, other))
    strange = {name: edits[:3] for name, edits in taken.items() if name not in FREE}
    assert not strange
    unused = FREE.keys() - taken.keys() - {"seal"}
    assert not unused  # a field that cannot change is not free


def test_a_seal_cannot_be_shed_by_calling_the_result_old(stored, tmp_path):
    content = read_content(stored) | {"schema_version": 1}
    path = tmp_path / stored.name
    shutil.copyfile(per_image_path(stored), per_image_path(path))
    path.write_text(json.dumps(content))
    with pytest.raises(leaderboard.LeaderboardError, match="says schema 1, yet has provenance and seal"):
        validate(path)
