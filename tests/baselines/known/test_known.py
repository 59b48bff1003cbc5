"""Public methods by one word: fetched after consent, verified, fed as declared, seen to fill the hole."""

import json
import warnings

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from _df8k.files import sha256_of
from df8k import baselines
from df8k.baselines.adapters.declaration import conventions
from df8k.baselines.known import catalogue, known_method
from df8k.cli import cli

from .conftest import BYTES, PAIR, STAND_INS, lama, network

FILES = [name for name, entry in catalogue().items() if entry.file]


def run(*arguments, **options):
    return CliRunner().invoke(cli, list(map(str, arguments)), **options)


@pytest.fixture
def photo(tmp_path):
    y, x = np.mgrid[0:700, 0:900]
    image = np.stack([x // 4 + 20, y // 5 + 30, (x + y) // 9 + 40], axis=2).astype(np.uint8)
    mask = (abs(y - 300) < 60) & (abs(x - 450) < 90)
    cv2.imwrite(str(tmp_path / "photo.png"), image[..., ::-1])
    cv2.imwrite(str(tmp_path / "mask.png"), mask.astype(np.uint8) * 255)
    return image, mask, tmp_path


def filled(output, image, mask):
    return (abs(output[mask].astype(int) - 127) <= 2).all() and np.array_equal(output[~mask], image[~mask])


def test_the_catalogue_says_where_each_file_comes_from_and_claims_no_run():
    for entry in catalogue().values():
        assert entry.verified == "not run", f"say in a test what ran, and where: {entry.name}"
        baselines.Strategy.parse(entry.strategy)
        if entry.kind in {"onnx", "torchscript"}:
            assert entry.convention in conventions()
            assert entry.file.urls[0].startswith("https://")
            assert "not checked against the file" in entry.file.pinned_from
        elif entry.kind == "worker":
            assert entry.worker_path.is_file()
        else:
            assert entry.converted
            assert entry.obtain


def test_it_is_listed_and_shown():
    listed = run("method", "known")
    assert listed.exit_code == 0
    assert all(name in listed.output for name in ("migan", "lama-torchscript", "not run"))
    row = json.loads(run("method", "known", "lama", "--json").output)
    assert row["declaration"]["output_range"] == [0, 255]
    assert row["strategy"] == "crop:512"
    assert row["here"] is False
    assert "polarity" not in run("method", "known", "lama").output
    refused = run("method", "known", "lamma")
    assert refused.exit_code == 2
    assert "did you mean lama" in refused.output


def test_fill_fetches_after_consent_once_and_takes_the_recommended_strategy(served, photo):
    image, mask, folder = photo
    words = ["fill", folder / "photo.png", folder / "mask.png", "--method", "known:lama"]
    done = run(*words, "--accept-license", "--out", folder / "out.png")
    assert done.exit_code == 0, done.output
    assert filled(_read(folder / "out.png"), image, mask)
    again = run(*words, "--out", folder / "again.png")
    assert again.exit_code == 0, again.output
    assert [path for path, _ in served.requests] == ["/lama"]
    method = baselines.open_method("known:lama")
    assert method.card.settings["strategy"] == "crop:512"
    assert method.card.licence == "Apache-2.0"
    method.close()


def _read(path):
    return cv2.imread(str(path))[..., ::-1]


def test_a_licence_can_be_refused_and_is_never_taken_for_granted(served, photo, monkeypatch):
    folder = photo[2]
    words = ["fill", folder / "photo.png", folder / "mask.png", "--method", "known:migan"]
    silent = run(*words, "--out", folder / "out.png")
    assert silent.exit_code == 2
    assert "licence MIT" in silent.output
    assert "--accept-license" in silent.output
    monkeypatch.setattr("df8k.cli._known._is_terminal", lambda: True)
    refused = run(*words, "--out", folder / "out.png", input="n\n")
    assert refused.exit_code == 2
    assert "the licence was refused, nothing was fetched" in refused.output
    assert not served.requests
    accepted = run(*words, "--out", folder / "out.png", input="y\n")
    assert accepted.exit_code == 0, accepted.output


def test_an_interrupted_fetch_goes_on_and_another_file_is_refused(served, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    served.cut_after = [300]
    assert run("weights", "fetch", "known:lama").exit_code == 0
    assert [wanted for _, wanted in served.requests] == [None, "bytes=300-"]
    served.files["/migan"] = STAND_INS["lama"][: len(STAND_INS["migan"])].ljust(len(STAND_INS["migan"]))
    wrong = run("weights", "fetch", "known:migan")
    assert wrong.exit_code == 2
    assert "SHA-256" in wrong.output
    absent = run("method", "check", "known:migan")
    assert absent.exit_code == 2


@pytest.mark.parametrize("strategy", ["resize:512", "crop:512", "tile:512:64"])
@pytest.mark.parametrize("name", ["lama", "migan-512"])
def test_a_network_of_one_size_runs_under_every_strategy(served, photo, name, strategy):
    image, mask, _ = photo
    run("weights", "fetch", f"known:{name}")
    method = baselines.open_method(f"known:{name}", strategy=strategy)
    output = method(image, mask)
    assert np.array_equal(output[~mask], image[~mask])
    inside = cv2.erode(mask.view(np.uint8), np.ones((9, 9))).view(bool)  # a reduced hole is enlarged smoothly
    assert (abs(output[inside].astype(int) - 127) <= 2).all()
    method.close()


def test_any_size_is_taken_as_it_is(served, photo):
    image, mask, _ = photo
    run("weights", "fetch", "known:migan")
    method = baselines.open_method("known:migan")
    assert method.card.settings.get("strategy", "native") == "native"
    assert filled(method(image, mask), image, mask)
    method.close()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        (
            "migan",
            network(
                "uint8[b,3,h,w] image, uint8[b,1,h,w] mask",
                BYTES.replace("Div (mask_float, white)", "Sub (one, turned)").replace(
                    "known", "turned = Div (mask_float, white)\n known", 1
                ),
                "uint8[b,3,h,w] filled",
            ),
            "the known region was filled",
        ),
        (
            "lama",
            network(
                "float[1,3,512,512] image, float[1,1,512,512] mask",
                PAIR,
                "float[1,3,512,512] filled",
            ),
            "does not do what the catalogue says",
        ),
    ],
    ids=["polarity", "range"],
)
def test_a_file_that_is_not_as_declared_is_refused_before_the_first_image(served, name, data, words):
    served.pin(name, data)
    run("weights", "fetch", f"known:{name}")
    with pytest.raises(baselines.MethodError, match=words):
        baselines.open_method(f"known:{name}")


def test_torchscript_of_the_published_signature_is_fed_as_declared(served, photo, tmp_path):
    torch = pytest.importorskip("torch")

    class Lama(torch.nn.Module):
        def forward(self, image, mask):
            return image * (1 - mask) + 0.5 * mask

    path = tmp_path / "lama.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.trace(Lama(), (torch.zeros(1, 3, 16, 16), torch.zeros(1, 1, 16, 16))).save(path)
    served.pin("lama-torchscript", path.read_bytes())
    run("weights", "fetch", "known:lama-torchscript")
    image, mask, _ = photo
    method = baselines.open_method("known:lama-torchscript")
    assert method.card.settings["strategy"] == "pad:8"
    assert method.card.weights_sha256 == sha256_of(path)
    assert filled(method(image[:641, :555], mask[:641, :555]), image[:641, :555], mask[:641, :555])
    method.close()


def test_what_cannot_be_fetched_says_how_to_get_it(served, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hifill = run("method", "check", "known:hifill")
    assert hifill.exit_code == 2
    assert "convert-hifill" in hifill.output
    mat = run("method", "check", "known:mat")
    assert mat.exit_code == 2
    assert "df8k method init mat --known mat" in mat.output
    assert run("method", "init", "mat", "--known", "mat").exit_code == 0
    assert (tmp_path / "mat/mat.py").is_file()
    assert "exists" in run("method", "init", "mat", "--known", "mat").output
    assert "needs no worker" in run("method", "init", "lama", "--known", "lama").output


DIFFUSERS = """
import numpy as np
class Stub:
    @classmethod
    def from_pretrained(cls, *words, **options): return cls()
    def to(self, device): return self
    def __call__(self, *words, image=None, mask_image=None, **options):
        image, mask_image = image or words[1], mask_image or words[2]
        pixels, hole = np.array(image), np.array(mask_image.convert("L")) > 127
        pixels[hole] = 127
        from PIL import Image
        return type("Answer", (), {"images": [Image.fromarray(pixels)]})
AutoPipelineForInpainting = DiffusionPipeline = StableDiffusionBrushNetPipeline = BrushNetModel = Stub
"""
TORCH = """
class cuda:
    is_available = staticmethod(lambda: False)
    is_initialized = is_available
class backends: pass
float16 = float32 = None
class Generator:
    def __init__(self, device): pass
    def manual_seed(self, seed): return self
"""


@pytest.mark.parametrize("name", ["powerpaint", "brushnet", "moebius"])
def test_workers_bind_pipelines_of_diffusers_with_the_right_polarity(name, photo, monkeypatch):
    image, mask, folder = photo
    monkeypatch.setenv("MOEBIUS_MODEL", "stand-in")
    assert run("method", "init", folder / name, "--known", name).exit_code == 0
    (folder / name / "diffusers.py").write_text(DIFFUSERS)
    (folder / name / "torch.py").write_text(TORCH)
    method = baselines.open_method(f"{folder / name / name}.py:load", strategy="crop:512")
    assert filled(method(image, mask), image, mask)
    method.close()


def test_the_worker_of_mat_feeds_one_for_known(photo, monkeypatch):
    image, mask, folder = photo
    repository = folder / "repository"
    (repository / "networks").mkdir(parents=True)
    (repository / "dnnlib.py").write_text(
        "import contextlib\nclass util:\n    open_url = staticmethod(contextlib.nullcontext)\n"
    )
    (repository / "networks/mat.py").write_text(
        "import torch\n"
        "class Generator(torch.nn.Module):\n"
        "    def __init__(self, z_dim, c_dim, **options):\n"
        "        super().__init__()\n        self.z_dim, self.c_dim = z_dim, c_dim\n"
        "    def forward(self, image, known, noise, label, **options):\n"
        "        assert noise.shape == (1, 512)\n"
        "        return image * known\n"
    )
    (repository / "legacy.py").write_text(
        "from networks.mat import Generator\n"
        "def load_network_pkl(file): return {'G_ema': Generator(512, 0)}\n"
    )
    monkeypatch.setenv("MAT_REPOSITORY", str(repository))
    run("method", "init", folder / "mat", "--known", "mat")
    method = baselines.open_method(f"{folder / 'mat/mat.py'}:load", strategy="crop:512")
    assert filled(method(image, mask), image, mask)
    method.close()


def test_entries_are_found_with_or_without_their_prefix():
    assert known_method("known:migan") is known_method("migan")
    assert lama(64) != lama(128)
    assert set(FILES) == {"migan", "migan-512", "lama", "lama-torchscript"}
