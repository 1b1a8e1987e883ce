"""Bundles as they are loaded and run: names, threads, bad pictures, and folders of strangers."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tests.bundles.nets import DIGITS, make_line_net, make_pictures

from hdalr.bundles import Manifest, bundle, list_bundles, load_bundle, save_bundle
from hdalr.errors import DataError, ParameterError, UnknownNameError


def sign(folder: Path) -> None:
    """List the sums anew, as someone would who changes a bundle on purpose."""
    names = sorted(path.name for path in folder.iterdir() if path.name != "SHA256SUMS")
    sums = (f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in names)
    (folder / "SHA256SUMS").write_text("".join(sums))


def change_manifest(folder: Path, **changes: Any) -> None:
    content = json.loads((folder / "bundle.json").read_text())
    (folder / "bundle.json").write_text(json.dumps(content | changes))
    sign(folder)


def test_a_bundle_tells_what_it_is(saved: Path) -> None:
    found = load_bundle(saved)
    assert (found.name, found.kind, found.labels) == ("mine", "characters", DIGITS)
    assert found.rejects
    assert found.merges == {"0": ("0", "O")}
    assert found.calibration.threshold(0.01) == 0.875
    assert "license: Apache-2.0" in found.card
    assert repr(found) == "<Bundle 'mine': characters, 10 labels>"
    assert re.fullmatch("[0-9a-f]{64}", found.digest)


def test_large_batches_are_computed_in_pieces(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = make_pictures(10)
    whole = load_bundle(saved).run(pictures)
    monkeypatch.setattr(bundle, "BATCH_PX", 28 * 28 * 3)
    np.testing.assert_allclose(load_bundle(saved).run(pictures), whole, atol=1e-6)
    assert whole.shape == (10, 11)
    assert whole.dtype == np.float32


def test_no_pictures_give_no_logits(saved: Path) -> None:
    assert load_bundle(saved).run(np.zeros((0, 28, 28), np.uint8)).shape == (0, 11)


def test_lines_of_any_width_give_frames(tmp_path: Path) -> None:
    manifest = Manifest("lines", "lines", DIGITS, picture_shape=(32, None))
    found = save_bundle(tmp_path / "lines", make_line_net(), manifest)
    for width in (16, 75, 8192):
        assert found.run(make_pictures(2, 32, width)).shape == (2, -(-width // 2), 11)
    assert found.run(np.zeros((0, 32, 50), np.uint8)).shape == (0, 0, 11)
    with pytest.raises(DataError, match=r"expects uint8 \(n, 32, 1 to 8192\)"):
        found.run(np.zeros((1, 32, 8193), np.uint8))


@pytest.mark.parametrize(
    "pictures",
    [
        "a picture",
        np.zeros((28, 28), np.uint8),
        np.zeros((1, 28, 28)),
        np.full((1, 28, 28), np.nan),
        np.zeros((1, 27, 28), np.uint8),
        np.zeros((1, 28, 0), np.uint8),
        np.zeros((1, 28, 28, 3), np.uint8),
        np.array([None]),
    ],
)
def test_other_pictures_are_refused(saved: Path, pictures: Any) -> None:
    with pytest.raises(DataError, match=r"expected a numpy array|mine expects uint8"):
        load_bundle(saved).run(pictures)


def test_many_threads_start_one_session(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    real = bundle.open_session
    monkeypatch.setattr(bundle, "open_session", lambda *a: opened.append(1) or real(*a))
    found, pictures = load_bundle(saved), make_pictures(5)
    assert opened == []
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: found.run(pictures), range(40)))
    assert opened == [1]
    assert all(np.array_equal(answers[0], answer) for answer in answers)


def test_names_are_those_of_the_bundles_that_ship(
    saved: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bundle, "WEIGHTS_FOLDER", saved.parent)
    assert list_bundles() == ["mine"]
    assert load_bundle("mine").name == "mine"
    with pytest.raises(UnknownNameError, match=r"did you mean 'mine'\? choices: mine"):
        load_bundle("mien")
    monkeypatch.setattr(bundle, "WEIGHTS_FOLDER", tmp_path / "nothing")
    assert list_bundles() == []
    monkeypatch.chdir(saved.parent)
    assert load_bundle("mine").name == load_bundle("./mine").name == "mine"


@pytest.mark.parametrize("name", ["no/such", "./nothing", "a/../b"])
def test_a_path_without_a_bundle_is_said(name: str) -> None:
    with pytest.raises(DataError, match="no folder; expected a bundle"):
        load_bundle(name)


@pytest.mark.parametrize("name", ["a\0b", 5, None])
def test_what_is_no_name_is_refused(name: Any) -> None:
    with pytest.raises(ParameterError, match="expected a name or a path"):
        load_bundle(name)


@pytest.mark.parametrize("threads", [0, -1, 1.5, True, 10**9])
def test_threads_are_counted_from_one(saved: Path, threads: Any) -> None:
    with pytest.raises(ParameterError, match="threads="):
        load_bundle(saved, threads=threads)


FILES = ("CARD.md", "bundle.json", "graph.onnx", "weights.safetensors")


@pytest.mark.parametrize("name", [*FILES, "SHA256SUMS"])
def test_a_missing_file_is_named(saved: Path, name: str) -> None:
    (saved / name).unlink()
    with pytest.raises(DataError, match=f"{name}: missing"):
        load_bundle(saved)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b"", lambda b: b[:-1] + b"\0"])
def test_a_damaged_file_is_named_with_both_sums(
    saved: Path, name: str, damage: Callable[[bytes], bytes]
) -> None:
    content = (saved / name).read_bytes()
    (saved / name).write_bytes(damage(content))
    expected = hashlib.sha256(content).hexdigest()
    found = hashlib.sha256(damage(content)).hexdigest()
    with pytest.raises(DataError, match=f"{name}: SHA-256 {found}.*expected {expected}"):
        load_bundle(saved)


def test_a_pipe_in_the_place_of_a_file_does_not_wait(saved: Path) -> None:
    (saved / "graph.onnx").unlink()
    os.mkfifo(saved / "graph.onnx")
    with pytest.raises(DataError, match=r"graph\.onnx: missing"):
        load_bundle(saved)


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        ("", "no sum of CARD.md"),
        (f"{'0' * 64}  ../../etc/passwd\n", "expected a SHA-256 sum and a name"),
        ("\x00\xff" * 50, "expected a SHA-256 sum and a name"),
    ],
)
def test_a_list_of_sums_of_something_else_is_refused(saved: Path, listing: str, said: str) -> None:
    (saved / "SHA256SUMS").write_text(listing)
    with pytest.raises(DataError, match=said):
        load_bundle(saved)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 2}, "format 2; expected format 1"),
        ({"name": "../up"}, "name is '../up'"),
        ({"kind": "poems"}, "expected characters or lines"),
        ({"kind": ["lines"]}, "expected characters or lines"),
        ({"labels": ["1", "1"]}, "different labels"),
        ({"labels": ["\n"]}, "different labels"),
        ({"labels": []}, "different labels"),
        ({"labels": "0123"}, "different labels"),
        ({"labels": [{}]}, "different labels"),
        ({"rejects": 1}, "true or false"),
        ({"picture_shape": [28, 10**9]}, "height, width"),
        ({"picture_shape": [None, 28]}, "height, width"),
        ({"merges": {"0": "O"}}, "labels to lists"),
        ({"merges": {"?": ["O"]}}, "expected labels alone"),
        ({"data": ["mnist"]}, "a list of objects"),
        ({"limits": 5}, "a list of sentences"),
        ({"calibration": {"temperature": 0}}, "bundle.json, calibration: "),
        ({"calibration": 5}, "bundle.json, calibration: "),
        ({"labels": list("012")}, "last of 4 for 3 labels"),
    ],
)
def test_a_manifest_of_a_stranger_is_checked(
    saved: Path, changes: dict[str, Any], said: str
) -> None:
    change_manifest(saved, **changes)
    with pytest.raises(DataError, match=said):
        load_bundle(saved).run(make_pictures(1))


@pytest.mark.parametrize(
    "text", ["", "5", "[]", "{}", "{", "[" * 100_000, '{"format": NaN}', "\ud800", "{'format': 1}"]
)
def test_a_manifest_that_is_no_json_is_a_data_error(saved: Path, text: str) -> None:
    (saved / "bundle.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    sign(saved)
    with pytest.raises(DataError, match=r"bundle.json: "):
        load_bundle(saved)


def test_a_manifest_that_is_a_list_is_told(saved: Path) -> None:
    (saved / "bundle.json").write_text("[1]")
    sign(saved)
    with pytest.raises(DataError, match=r"bundle.json: a list; expected an object"):
        load_bundle(saved)


def test_a_manifest_without_end_is_refused(saved: Path) -> None:
    with (saved / "bundle.json").open("ab") as file:
        file.write(b" " * 10_000_000)
    sign(saved)
    with pytest.raises(DataError, match=r"bundle.json: more than 10000000 bytes; expected"):
        load_bundle(saved)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_net_that_is_not_finite_is_refused(saved: Path, value: float) -> None:
    name = "9.bias"
    tensors = load_file(saved / "weights.safetensors")
    tensors[name] = np.full_like(tensors[name], value)
    save_file(tensors, saved / "weights.safetensors")
    sign(saved)
    with pytest.raises(DataError, match="not finite"):
        load_bundle(saved).run(make_pictures(1))


def test_weights_of_other_shapes_are_refused(saved: Path) -> None:
    tensors = load_file(saved / "weights.safetensors")
    tensors["9.weight"] = np.zeros((11, 5), np.float16)
    save_file(tensors, saved / "weights.safetensors")
    sign(saved)
    with pytest.raises(DataError, match="mine"):
        load_bundle(saved).run(make_pictures(1))


def test_a_graph_that_names_another_file_is_refused(saved: Path) -> None:
    import onnx

    graph = onnx.load(saved / "graph.onnx", load_external_data=False)
    graph.graph.initializer[0].name = "stolen"
    graph.graph.initializer[0].data_location = onnx.TensorProto.EXTERNAL
    graph.graph.initializer[0].external_data.add(key="location", value="../../../etc/passwd")
    (saved / "graph.onnx").write_bytes(graph.SerializeToString())
    sign(saved)
    with pytest.raises(DataError, match="'stolen' lies in another file"):
        load_bundle(saved)


def test_a_graph_that_does_not_hold_together_is_refused(saved: Path) -> None:
    import onnx

    graph = onnx.load(saved / "graph.onnx", load_external_data=False)
    graph.graph.node[0].input[0] = "nothing"
    (saved / "graph.onnx").write_bytes(graph.SerializeToString())
    sign(saved)
    with pytest.raises(DataError, match="no net that ONNX Runtime takes"):
        load_bundle(saved).run(make_pictures(1))


def test_loading_and_running_need_no_torch_onnx_or_safetensors(saved: Path) -> None:
    code = f"""
import sys, numpy
from hdalr.bundles import load_bundle
load_bundle({str(saved)!r}).run(numpy.zeros((1, 28, 28), numpy.uint8))
print(*sorted({{"torch", "onnx", "safetensors", "sklearn", "scipy"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
