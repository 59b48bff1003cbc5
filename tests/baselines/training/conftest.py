"""A VGG-16 of plain layers with seeded random weights, and a store that holds them."""

import pytest
import torch
from torch import nn

from _df8k.files import sha256_of
from metrics.weights import Store, WeightsEntry


def plain_vgg():
    """Thirteen convolutions, each with its ReLU, in five blocks with max pooling between."""
    layers, inputs = [], 3
    for block, outputs in enumerate((64, 128, 256, 512, 512)):
        layers += [nn.MaxPool2d(2, 2)] if block else []
        for _ in range(2 if block < 2 else 3):
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU()]
            inputs = outputs
    network = nn.Sequential(*layers)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in network.parameters():
            fan = parameter[0].numel() if parameter.ndim > 1 else 100
            parameter.normal_(std=(2 / fan) ** 0.5, generator=generator)
    return network.requires_grad_(False)


@pytest.fixture(scope="session")
def vgg():
    return plain_vgg()


@pytest.fixture(scope="session")
def store(vgg, tmp_path_factory):
    """The weights as torchvision names them, a piece of the classifier among them."""
    path = tmp_path_factory.mktemp("weights") / "vgg16.pth"
    state = {f"features.{name}": value for name, value in vgg.state_dict().items()}
    torch.save(state | {"classifier.6.bias": torch.zeros(1000)}, path)
    entry = WeightsEntry(
        name="vgg16",
        filename=path.name,
        size=path.stat().st_size,
        sha256=sha256_of(path),
        licence="",
        purpose="",
    )
    return Store([entry], folder=path.parent)
