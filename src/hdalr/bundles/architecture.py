"""The layers of a net as data: described for the bundle, and built again in torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import nn

from hdalr.errors import DataError, NotApplicableError
from hdalr.models.blocks import Residual

Layer = Mapping[str, Any]  # {"layer": its name, ...}: JSON values only


def describe_net(net: nn.Module) -> list[Layer]:
    """Describe a stack of layers so that `build_net` makes the same one.

    Parameters
    ----------
    net
        A `torch.nn.Sequential`, whose parts may be sequences and residual blocks again.

    Returns
    -------
    list of dict
        One entry a layer, in order. The names of the tensors in ``net.state_dict()`` follow
        from the places in the lists: ``"3.0.weight"`` is in the first layer of the fourth, and
        ``"3.branch.0.weight"`` where the fourth is a residual block.

    Raises
    ------
    NotApplicableError
        If a layer has no form in a bundle, or is used with a setting that has none.

    Examples
    --------
    >>> describe_net(nn.Sequential(nn.Flatten(), nn.Linear(4, 2)))
    [{'layer': 'flatten'}, {'layer': 'linear', 'inputs': 4, 'outputs': 2, 'bias': True}]
    """
    if not isinstance(net, nn.Sequential):
        raise _unknown_layer(net)
    return [_describe_layer(layer) for layer in net]


def build_net(architecture: Sequence[Layer]) -> nn.Sequential:
    """Make the untrained net that `describe_net` described.

    Raises
    ------
    DataError
        If an entry names no known layer or lacks one of its settings.
    """
    return nn.Sequential(*map(_build_layer, architecture))


def _describe_layer(layer: nn.Module) -> Layer:
    if type(layer) not in DESCRIBE:
        raise _unknown_layer(layer)
    return DESCRIBE[type(layer)](layer)


def _unknown_layer(layer: nn.Module) -> NotApplicableError:
    known = ", ".join(sorted(kind.__name__ for kind in DESCRIBE))
    return NotApplicableError(
        f"a layer of type {type(layer).__name__} has no form in a bundle; expected a net made of "
        f"{known}"
    )


def _build_layer(layer: Layer) -> nn.Module:
    try:
        return BUILD[layer["layer"]](layer)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise DataError(
            f"architecture: cannot build the layer {str(layer)[:120]}: {error!r:.120}; expected "
            f"one of {', '.join(sorted(BUILD))} with its settings"
        ) from error


def _describe_convolution(layer: nn.Conv2d) -> Layer:
    if layer.dilation != (1, 1) or layer.groups != 1 or layer.padding_mode != "zeros":
        raise NotApplicableError(
            f"a convolution with dilation {layer.dilation}, {layer.groups} groups and "
            f"{layer.padding_mode} padding has no form in a bundle; expected no dilation, one "
            "group and zeros"
        )
    return {
        "layer": "convolution",
        "inputs": layer.in_channels,
        "outputs": layer.out_channels,
        "kernel": list(layer.kernel_size),
        "stride": list(layer.stride),
        "padding": _convolution_padding(layer),
        "bias": layer.bias is not None,
    }


def _convolution_padding(layer: nn.Conv2d) -> list[int]:
    if not isinstance(layer.padding, str):
        return list(layer.padding)
    if layer.padding == "valid":
        return [0, 0]
    if any(side % 2 == 0 for side in layer.kernel_size):
        raise NotApplicableError(
            f"a convolution of {layer.kernel_size} with padding 'same' has no form in a bundle; "
            "expected a kernel of odd sides"
        )
    return [side // 2 for side in layer.kernel_size]


def _build_convolution(layer: Layer) -> nn.Module:
    return nn.Conv2d(
        layer["inputs"],
        layer["outputs"],
        _pair(layer["kernel"]),
        stride=_pair(layer["stride"]),
        padding=_pair(layer["padding"]),
        bias=layer["bias"],
    )


def _describe_batch_norm(layer: nn.BatchNorm2d) -> Layer:
    if not (layer.affine and layer.track_running_stats):
        raise NotApplicableError(
            "a batch normalisation without scale, shift or running statistics has no form in a "
            "bundle; expected torch's defaults"
        )
    return {
        "layer": "batch_norm",
        "channels": layer.num_features,
        "epsilon": layer.eps,
        "momentum": layer.momentum,
    }


def _describe_max_pool(layer: nn.MaxPool2d) -> Layer:
    if _both(layer.dilation) != [1, 1] or layer.ceil_mode:
        raise NotApplicableError(
            "a pool with dilation, or with the size rounded up, has no form in a bundle; "
            "expected torch's defaults"
        )
    return {
        "layer": "max_pool",
        "kernel": _both(layer.kernel_size),
        "stride": _both(layer.stride),
        "padding": _both(layer.padding),
    }


def _describe_mean(layer: nn.AdaptiveAvgPool2d) -> Layer:
    size = layer.output_size
    rows, columns = size if isinstance(size, tuple) else (size, size)
    if rows != 1 or columns not in (1, None):
        raise NotApplicableError(
            f"a mean to {size} has no form in a bundle; expected 1, or (1, None) for the mean "
            "over rows"
        )
    return {"layer": "mean", "over": "rows" if columns is None else "picture"}


def _build_mean(layer: Layer) -> nn.Module:
    # torch allows None here, its types do not
    size: Any = {"rows": (1, None), "picture": 1}[layer["over"]]
    return nn.AdaptiveAvgPool2d(size)


def _both(value: Any) -> list[int]:
    return list(value) if isinstance(value, tuple) else [value, value]


def _pair(value: Any) -> tuple[int, int]:
    height, width = value
    return int(height), int(width)


DESCRIBE: dict[type[nn.Module], Callable[[Any], Layer]] = {
    nn.Conv2d: _describe_convolution,
    nn.BatchNorm2d: _describe_batch_norm,
    nn.ReLU: lambda _: {"layer": "relu"},
    nn.MaxPool2d: _describe_max_pool,
    nn.AdaptiveAvgPool2d: _describe_mean,
    nn.Dropout: lambda layer: {"layer": "dropout", "share": layer.p},
    nn.Dropout2d: lambda layer: {"layer": "dropout_channels", "share": layer.p},
    nn.Flatten: lambda _: {"layer": "flatten"},
    nn.Linear: lambda layer: {
        "layer": "linear",
        "inputs": layer.in_features,
        "outputs": layer.out_features,
        "bias": layer.bias is not None,
    },
    nn.Sequential: lambda layer: {"layer": "sequence", "layers": describe_net(layer)},
    Residual: lambda layer: {"layer": "residual", "layers": describe_net(layer.branch)},
}
BUILD: dict[str, Callable[[Layer], nn.Module]] = {
    "convolution": _build_convolution,
    "batch_norm": lambda layer: nn.BatchNorm2d(
        layer["channels"], eps=layer["epsilon"], momentum=layer["momentum"]
    ),
    "relu": lambda _: nn.ReLU(),
    "max_pool": lambda layer: nn.MaxPool2d(
        _pair(layer["kernel"]), stride=_pair(layer["stride"]), padding=_pair(layer["padding"])
    ),
    "mean": _build_mean,
    "dropout": lambda layer: nn.Dropout(layer["share"]),
    "dropout_channels": lambda layer: nn.Dropout2d(layer["share"]),
    "flatten": lambda _: nn.Flatten(),
    "linear": lambda layer: nn.Linear(layer["inputs"], layer["outputs"], bias=layer["bias"]),
    "sequence": lambda layer: build_net(layer["layers"]),
    "residual": lambda layer: Residual(build_net(layer["layers"])),
}
