"""Random backbone weights, made here, served by a local web server and fetched by the real code."""

import hashlib
import io
from contextlib import contextmanager
from dataclasses import replace

import torch
import torchvision

from metrics.weights import ENTRIES, Store

from .http_server import Behaviour, serve

MAKERS = {
    "alexnet": torchvision.models.alexnet,
    "vgg16": torchvision.models.vgg16,
    "squeezenet1_1": torchvision.models.squeezenet1_1,
}


def backbone_state(name):
    """The convolutional tensors of one backbone, seeded; large enough to leave every layer alive."""
    torch.manual_seed(7)
    with torch.device("meta"):
        shapes = {k: v.shape for k, v in MAKERS[name](weights=None).state_dict().items()}
    state = {}
    for key, shape in shapes.items():
        if key.startswith("features."):
            fan = shape[1:].numel() if len(shape) > 1 else 100
            state[key] = torch.randn(shape) * (2.0 / fan) ** 0.5
    return state


def dists_state():
    torch.manual_seed(11)
    return {name: torch.rand(1, 1475, 1, 1) for name in ("alpha", "beta")}


@contextmanager
def served_store(states, folder):
    """A store whose entries point at a local server that gives these state dicts."""
    files, entries = {}, []
    for entry in ENTRIES:
        if entry.name in states:
            buffer = io.BytesIO()
            torch.save(states[entry.name], buffer)
            data = buffer.getvalue()
            files[f"/{entry.filename}"] = data
            entries.append(replace(entry, size=len(data), sha256=hashlib.sha256(data).hexdigest()))
    with serve(Behaviour(files=files)) as address:
        pinned = [replace(entry, urls=(f"{address}/{entry.filename}",)) for entry in entries]
        yield Store(pinned, folder=folder, fetch=True)


def inception_state():
    """Tensors of the FID Inception by torchvision's names, with live batch normalisation."""
    with torch.device("meta"):
        model = torchvision.models.inception_v3(
            weights=None, aux_logits=False, num_classes=1008, init_weights=False
        )
    torch.manual_seed(5)
    state = {}
    for name, value in model.state_dict().items():
        if name.endswith("running_var"):
            state[name] = torch.rand(value.shape) + 0.5
        elif name.endswith("num_batches_tracked"):
            state[name] = torch.zeros((), dtype=torch.long)
        elif value.dim() > 1:
            state[name] = torch.randn(value.shape) * (2.0 / value[0].numel()) ** 0.5
        else:
            state[name] = torch.randn(value.shape) * 0.1 + float(name.endswith("bn.weight"))
    return state
