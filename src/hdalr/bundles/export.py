"""From a torch net to a bundle's folder, and back to a net that can be trained on."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hdalr.bundles import folder as files
from hdalr.bundles.bundle import Bundle, load_bundle
from hdalr.bundles.card import write_card
from hdalr.bundles.manifest import Manifest
from hdalr.bundles.tensors import Tensors, read_tensors
from hdalr.errors import DataError, ParameterError

if TYPE_CHECKING:
    from torch import nn

HALF_TOLERANCE = 0.02  # of the largest logit: what float16 kernels may change
EXACT_TOLERANCE = 1e-4
N_TRIALS = 32  # random pictures that the graph and the net are compared on
TRIAL_WIDTH_PX = 128  # of a line
UNUSED = ".num_batches_tracked"  # of a batch normalisation with a momentum


def save_bundle(
    folder: Path, net: nn.Module, manifest: Manifest, *, half: bool | None = None
) -> Bundle:
    """Write a net as a bundle, whole or not at all, and load it again.

    Parameters
    ----------
    folder
        Where the bundle goes; one that is there is replaced.
    net
        Layers from floats (n, 1, height, width) in 0 to 1 to logits (n, n_outputs), or for
        lines to (n, n_outputs, 1, n_frames); see `hdalr.bundles.architecture`. Not changed.
    manifest
        The facts. The architecture and the creator are filled in here.
    half
        Whether kernels are stored in float16; None: if that changes no logit by more than 2 % of
        the largest.

    Raises
    ------
    NotApplicableError
        If the net has a layer that a bundle cannot hold.
    ParameterError
        If the manifest does not fit the net.
    DataError
        If a fact of the manifest is not of its form, or the graph does not compute what the
        net does.
    StorageError
        If the folder cannot be written.
    """
    from hdalr.bundles.architecture import describe_net

    manifest = dataclasses.replace(
        manifest, architecture=tuple(describe_net(net)), created_by=_program()
    )
    facts = _encode_facts(manifest)
    files.write_folder(folder, {**_encode(net, manifest, half), **facts})
    return load_bundle(folder)


def update_bundle(folder: Path, **changes: Any) -> Bundle:
    """Write a bundle anew with some facts changed, e.g. its calibration; the net stays.

    Parameters
    ----------
    folder
        The bundle's folder.
    **changes
        Fields of `Manifest` and their new values.

    Raises
    ------
    DataError
        If there is no whole bundle, or a new fact is not of its form.
    StorageError
        If the folder cannot be written.
    """
    contents, _ = files.read_folder(folder)
    manifest = dataclasses.replace(load_bundle(folder).manifest, **changes)
    files.write_folder(folder, {**contents, **_encode_facts(manifest)})
    return load_bundle(folder)


def load_net(bundle: Bundle) -> nn.Sequential:
    """Make the torch net of a bundle, with its weights, ready to be trained on.

    Returns
    -------
    torch.nn.Sequential
        float32, in evaluation mode; from floats (n, 1, height, width) in 0 to 1.

    Raises
    ------
    DataError
        If the bundle's architecture and weights do not fit.
    """
    import torch

    from hdalr.bundles.architecture import build_net

    net = build_net(bundle.manifest.architecture)
    state = {
        name: torch.from_numpy(tensor.astype(np.float32)) for name, tensor in bundle.tensors.items()
    }
    state |= {name: tensor for name, tensor in net.state_dict().items() if name.endswith(UNUSED)}
    try:
        net.load_state_dict(state)
    except RuntimeError as error:
        raise DataError(
            f"{bundle.name}: the weights do not fit the architecture: {error!s:.200}"
        ) from error
    return net.eval()


def _program() -> str:
    from importlib.metadata import version  # of no use to those who only read

    return f"hdalr {version('hdalr')}"


def _encode_facts(manifest: Manifest) -> dict[str, bytes]:
    content = manifest.to_json()
    checked = Manifest.from_json(content, "manifest")
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)
    return {files.CARD: write_card(checked).encode(), files.MANIFEST: f"{text}\n".encode()}


def _encode(net: nn.Module, manifest: Manifest, half: bool | None) -> dict[str, bytes]:
    """The weights and the graph, in float16 where that is asked for or good enough."""
    pictures = _trial_pictures(manifest)
    expected = _trial_logits(net, pictures, manifest)
    if half is not False:
        contents = _encode_as(net, manifest, small=True)
        if half or _gap(manifest, contents, pictures, expected) <= HALF_TOLERANCE:
            return contents
    contents = _encode_as(net, manifest, small=False)
    gap = _gap(manifest, contents, pictures, expected)
    if gap > EXACT_TOLERANCE:
        raise DataError(
            f"{manifest.name}: the graph's logits are off by a share of {gap:.2g}; expected at "
            f"most {EXACT_TOLERANCE}"
        )
    return contents


def _gap(
    manifest: Manifest,
    contents: dict[str, bytes],
    pictures: NDArray[np.uint8],
    expected: NDArray[np.float32],
) -> float:
    """Largest difference of the graph's logits and torch's, as a share of the largest logit."""
    bundle = Bundle(manifest, contents[files.GRAPH], read_tensors(contents[files.WEIGHTS]))
    try:
        found = bundle.run(pictures)
    except DataError:  # not finite: a kernel goes beyond float16
        return math.inf
    return float(np.abs(found - expected).max() / max(1.0, np.abs(expected).max()))


def _encode_as(net: nn.Module, manifest: Manifest, small: bool) -> dict[str, bytes]:
    from safetensors.numpy import save

    from hdalr.bundles.onnx_graph import build_graph

    weights = save(_collect_tensors(net, small))
    graph = build_graph(
        manifest.architecture,
        weights,
        files.WEIGHTS,
        manifest.picture_shape,
        frames=manifest.kind == "lines",
    )
    return {files.WEIGHTS: weights, files.GRAPH: graph}


def _collect_tensors(net: nn.Module, small: bool) -> Tensors:
    """The net's state by name: kernels in float16 if ``small``, all else in float32.

    Biases and statistics are few, and a variance may be too small for float16.
    """
    tensors: dict[str, NDArray[np.floating[Any]]] = {}
    for name, tensor in net.state_dict().items():
        if not name.endswith(UNUSED):
            halved = small and tensor.ndim > 1
            values = tensor.detach().cpu().float().numpy()
            with np.errstate(over="ignore"):  # infinite logits are seen afterwards
                tensors[name] = np.ascontiguousarray(values.astype("<f2" if halved else "<f4"))
    return tensors


def _trial_pictures(manifest: Manifest) -> NDArray[np.uint8]:
    height, width = manifest.picture_shape
    shape = (N_TRIALS, height, width or TRIAL_WIDTH_PX)
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def _trial_logits(
    net: nn.Module, pictures: NDArray[np.uint8], manifest: Manifest
) -> NDArray[np.float32]:
    """What torch says of the pictures, in the form of `Bundle.run`."""
    import copy

    import torch

    still = copy.deepcopy(net).cpu().eval()
    with torch.inference_mode():
        logits = still(torch.from_numpy(pictures).unsqueeze(1).float() / 255)
    if manifest.kind == "lines" and logits.ndim == 4 and logits.shape[2] == 1:
        logits = logits.squeeze(2).permute(0, 2, 1)
    n_axes = 3 if manifest.kind == "lines" else 2
    if logits.ndim != n_axes or logits.shape[-1] != manifest.n_outputs:
        raise ParameterError(
            f"{manifest.name}: the net gives logits of shape {tuple(logits.shape)}; expected "
            f"{n_axes} axes, the last of {manifest.n_outputs} for {len(manifest.labels)} labels "
            f"of kind {manifest.kind}"
        )
    found: NDArray[np.float32] = logits.numpy()
    return found
