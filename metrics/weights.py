"""Weights of the metrics' networks, and the store that finds and fetches them."""

from collections.abc import Iterable
from pathlib import Path

from _df8k.archive import Archive
from _df8k.weights import WeightsEntry, WeightStore

from .errors import MetricError, UnavailableError

__all__ = ["ENTRIES", "Store", "WeightsEntry"]

_DISTS = "https://raw.githubusercontent.com/dingkeyan93/DISTS/1267d8cb626c98706db3697422701c56a85ebf2e"
_PYTORCH_FID = "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights"
_TORCH_FIDELITY = "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0"
_IMAGENET = (
    "BSD-3-Clause (torchvision); trained on ImageNet-1k, whose pictures are for non-commercial research"
)
_PYPI = "https://files.pythonhosted.org/packages"
# The package index addresses a file by its BLAKE2b hash, so that the address never gives another.
_STLPIPS_HASH = "f8/af/98a4417833e6805254491f86f4ee55f8629fd2412d832b0049b33b27a9b7"
_STLPIPS = Archive(
    filename="stlpips_pytorch-0.0.2-py3-none-any.whl",
    size=63_807_084,
    sha256="a412bf901a97c942b37af57c7c63b6e5d1aebfe8d1dfc17853d4b2f878630645",
    urls=(f"{_PYPI}/{_STLPIPS_HASH}/stlpips_pytorch-0.0.2-py3-none-any.whl",),
)

ENTRIES = (
    WeightsEntry(
        name="alexnet",
        filename="alexnet-owt-7be5be79.pth",
        size=244_408_911,
        sha256="7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02",
        licence=_IMAGENET,
        purpose="backbone of lpips-alex-0.1",
        urls=("https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",),
    ),
    WeightsEntry(
        name="vgg16",
        filename="vgg16-397923af.pth",
        size=553_433_881,
        sha256="397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0",
        licence=_IMAGENET,
        purpose="backbone of lpips-vgg-0.1 and dists",
        urls=("https://download.pytorch.org/models/vgg16-397923af.pth",),
    ),
    WeightsEntry(
        name="squeezenet1_1",
        filename="squeezenet1_1-b8a52dc0.pth",
        size=4_958_839,
        sha256="b8a52dc049b60e4b6ab68ad0df457362afab8b6304b2febdc1650a5dab4d7e7b",
        licence=_IMAGENET,
        purpose="backbone of lpips-squeeze-0.1",
        urls=("https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth",),
    ),
    WeightsEntry(
        name="st-lpips-alex",
        filename="st-lpips-alex-b356b382.pth",
        size=9_899_296,
        sha256="b356b382f96010f77d085ee8343ecd9fd322d0a56e8de2b2d0549fafcad8b9ee",
        licence="BSD-2-Clause (Ghildyal and Liu); trained on the human judgements of BAPPS",
        purpose="st-lpips-alex; perceptual loss of df8k train",
        archive=_STLPIPS,
        member="stlpips_pytorch/weights/vST0.0/alex_shift_tolerant.pth",
    ),
    WeightsEntry(
        name="st-lpips-vgg",
        filename="st-lpips-vgg-44597da6.pth",
        size=58_907_298,
        sha256="44597da68f49c1837c100ff52299050f274d102eb102e5837178c79be6f0e250",
        licence="BSD-2-Clause (Ghildyal and Liu); trained on the human judgements of BAPPS",
        purpose="st-lpips-vgg",
        archive=_STLPIPS,
        member="stlpips_pytorch/weights/vST0.0/vgg_shift_tolerant.pth",
    ),
    WeightsEntry(
        name="dists",
        filename="dists-1267d8cb.pt",
        size=12_288,
        sha256="f5e65c96230b7f6ca995691647d482237e4cab8a50c5c4a5784f219ef0748218",
        licence="MIT (the authors of DISTS)",
        purpose="channel weights of dists",
        urls=(f"{_DISTS}/DISTS_pytorch/weights.pt",),
    ),
    WeightsEntry(
        name="inception",
        filename="pt_inception-2015-12-05-6726825d.pth",
        size=95_628_359,
        sha256="6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
        licence="Apache-2.0 (TensorFlow's Inception of 2015, converted by pytorch-fid); trained on ImageNet",
        purpose="fid-*, kid-*, patch-*, is, pids and uids",
        urls=(
            f"{_PYTORCH_FID}/pt_inception-2015-12-05-6726825d.pth",
            f"{_TORCH_FIDELITY}/weights-inception-2015-12-05-6726825d.pth",
        ),
        aliases=("weights-inception-2015-12-05-6726825d.pth",),
    ),
)


class Store(WeightStore):
    """`_df8k.weights.WeightStore` of the metrics' weights, with this package's errors."""

    error = MetricError
    unavailable = UnavailableError

    def __init__(
        self,
        entries: Iterable[WeightsEntry] = ENTRIES,
        *,
        folder: Path | None = None,
        offline: bool | None = None,
        fetch: bool = False,
    ) -> None:
        """Open a store.

        Args:
            entries: files that it knows; names must differ.
            folder: in place of ``DF8K_WEIGHTS``.
            offline: never open a connection; by default the environment variable ``DF8K_OFFLINE`` decides.
            fetch: let `require` fetch what is absent; otherwise only an explicit `fetch` does.

        Raises:
            MetricError: two entries of one name.
        """
        super().__init__(entries, folder=folder, offline=offline, fetch=fetch)
