"""From torch to a folder and back, whole or not at all."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.bundles.nets import DIGITS, make_character_net, make_line_net, make_pictures
from torch import nn

from hdalr import __version__
from hdalr.bundles import Manifest, folder, load_bundle, load_net, save_bundle
from hdalr.errors import DataError, NotApplicableError, ParameterError, StorageError


def answers(net: nn.Module, pictures: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return net.eval()(torch.from_numpy(pictures).unsqueeze(1).float() / 255).numpy()


def test_a_net_comes_back_from_a_bundle_and_can_be_trained_on(
    saved: Path, character_net: nn.Sequential
) -> None:
    bundle, pictures = load_bundle(saved), make_pictures(9)
    net = load_net(bundle)
    np.testing.assert_allclose(answers(net, pictures), bundle.run(pictures), atol=1e-4)
    np.testing.assert_allclose(answers(net, pictures), answers(character_net, pictures), atol=0.02)
    net.train()(torch.rand(4, 1, 28, 28)).sum().backward()
    assert all(parameter.grad is not None for parameter in net.parameters())


def test_float32_is_stored_exactly(
    tmp_path: Path, character_net: nn.Sequential, manifest: Manifest
) -> None:
    bundle = save_bundle(tmp_path / "exact", character_net, manifest, half=False)
    for name, tensor in character_net.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            assert np.array_equal(bundle.tensors[name], tensor.numpy())
    pictures = make_pictures(9)
    np.testing.assert_allclose(bundle.run(pictures), answers(character_net, pictures), atol=1e-4)


def test_kernels_take_half_the_space_where_that_changes_little(
    tmp_path: Path, character_net: nn.Sequential, manifest: Manifest
) -> None:
    bundle = save_bundle(tmp_path / "half", character_net, manifest)
    assert {t.dtype.name for n, t in bundle.tensors.items() if t.ndim > 1} == {"float16"}
    assert {t.dtype.name for n, t in bundle.tensors.items() if t.ndim == 1} == {"float32"}
    with torch.no_grad():
        character_net[0].weight *= 1e6  # beyond float16
        character_net[1].running_var *= 1e12
    bundle = save_bundle(tmp_path / "half", character_net, manifest)
    assert {t.dtype.name for t in bundle.tensors.values()} == {"float32"}


def test_the_manifest_comes_back_equal(saved: Path, manifest: Manifest) -> None:
    found = load_bundle(saved).manifest
    assert found.created_by == f"hdalr {__version__}"
    assert dataclasses.replace(found, architecture=(), created_by="") == manifest


def test_the_same_net_gives_the_same_bytes(
    saved: Path, tmp_path: Path, character_net: nn.Sequential, manifest: Manifest
) -> None:
    save_bundle(tmp_path / "again", character_net, manifest)
    for path in saved.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_sha256sum_confirms_the_sums(saved: Path) -> None:
    command = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    done = subprocess.run(command, cwd=saved, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.count("OK") == 4


def test_saving_leaves_the_net_as_it_was(
    tmp_path: Path, character_net: nn.Sequential, manifest: Manifest
) -> None:
    character_net.train()
    before = {name: tensor.clone() for name, tensor in character_net.state_dict().items()}
    save_bundle(tmp_path / "mine", character_net, manifest)
    assert character_net.training
    assert all(torch.equal(t, before[n]) for n, t in character_net.state_dict().items())


def test_a_bundle_is_replaced_and_nothing_is_left_beside_it(
    saved: Path, manifest: Manifest
) -> None:
    net = make_character_net(10)
    save_bundle(saved, net, dataclasses.replace(manifest, rejects=False))
    assert not load_bundle(saved).rejects
    assert list(saved.parent.iterdir()) == [saved]


def test_another_folder_is_not_overwritten(
    tmp_path: Path, character_net: nn.Sequential, manifest: Manifest
) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.png").touch()
    with pytest.raises(StorageError, match="exists and is no bundle"):
        save_bundle(tmp_path / "photos", character_net, manifest)
    assert (tmp_path / "photos" / "cat.png").exists()


def test_a_disk_that_fills_up_leaves_the_old_bundle(
    saved: Path,
    character_net: nn.Sequential,
    manifest: Manifest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = load_bundle(saved).digest
    real = folder._write_file

    def full(path: Path, content: bytes) -> None:
        if path.name == "SHA256SUMS":
            raise OSError(28, "No space left on device")
        real(path, content)

    monkeypatch.setattr(folder, "_write_file", full)
    with pytest.raises(StorageError, match="No space left"):
        save_bundle(saved, character_net, dataclasses.replace(manifest, licence="other"))
    assert load_bundle(saved).digest == before
    assert list(saved.parent.iterdir()) == [saved]


@pytest.mark.parametrize("failure", [OSError(5, "Input/output error"), KeyboardInterrupt()])
@pytest.mark.parametrize("replaced", [True, False])
def test_what_stops_the_exchange_puts_the_old_bundle_back(
    saved: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    failure: BaseException,
    replaced: bool,
) -> None:
    files = {path.name: path.read_bytes() for path in saved.iterdir() if path.suffix}
    place = saved if replaced else tmp_path / "parent" / "other"
    before = load_bundle(saved).digest
    real = Path.rename

    def stopped(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise failure
        return real(self, target)

    monkeypatch.setattr(Path, "rename", stopped)
    expected = StorageError if isinstance(failure, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as error:
        folder.write_folder(place, files)
    assert "No such file" not in str(error.value)
    assert load_bundle(saved).digest == before
    assert list(place.parent.iterdir()) == ([saved] if replaced else [])


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"labels": DIGITS[:9]}, ParameterError, "expected 2 axes, the last of 10 for 9 labels"),
        ({"kind": "lines", "rejects": False}, ParameterError, "expected 3 axes"),
        ({"labels": ("1", "1")}, DataError, "different labels"),
        ({"name": "a/b"}, DataError, "name is 'a/b'"),
        ({"record": {"accuracy": float("nan")}}, DataError, "not JSON compliant|expected plain"),
        ({"record": {"accuracy": np.float32(1)}}, DataError, "expected plain numbers"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(
    tmp_path: Path,
    character_net: nn.Sequential,
    manifest: Manifest,
    changes: dict[str, object],
    error: type[Exception],
    said: str,
) -> None:
    with pytest.raises(error, match=said):
        save_bundle(tmp_path / "x", character_net, dataclasses.replace(manifest, **changes))
    assert list(tmp_path.iterdir()) == []


def test_lines_need_one_row_at_the_end(tmp_path: Path) -> None:
    net = nn.Sequential(*list(make_line_net())[:4])
    manifest = Manifest("lines", "lines", DIGITS, picture_shape=(32, None))
    with pytest.raises(ParameterError, match="expected 3 axes"):
        save_bundle(tmp_path / "lines", net, manifest)


def test_a_net_of_other_layers_is_refused(tmp_path: Path, manifest: Manifest) -> None:
    with pytest.raises(NotApplicableError, match="type Tanh has no form in a bundle"):
        save_bundle(tmp_path / "x", nn.Sequential(nn.Flatten(), nn.Tanh()), manifest)


def test_weights_that_do_not_fit_the_architecture_are_refused(saved: Path) -> None:
    bundle = load_bundle(saved)
    bundle.tensors = {"0.weight": np.zeros((2, 2), np.float32)}
    with pytest.raises(DataError, match="do not fit the architecture"):
        load_net(bundle)
