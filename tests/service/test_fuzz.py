"""Ten thousand broken pictures: no crash, no 500, no growing memory."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.service.conftest import Client, draw

from hdalr.datasets import load_dataset

N_PICTURES = 10_000
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF", "PPM")
SERVER = """
import sys, time
sys.path.insert(0, {root!r})
from tests.service.conftest import run_server
from hdalr.service.settings import Settings
with run_server(Settings()) as client:
    print(client.base, flush=True)
    sys.stdin.read()
"""


def seeds() -> list[bytes]:
    """Whole files of every format, of bundled digits and of drawn texts."""
    digits = load_dataset("digits").test_images[:6]
    images = [Image.fromarray(255 - np.kron(digit, np.ones((3, 3), np.uint8))) for digit in digits]
    images += [Image.open(io.BytesIO(draw(text))) for text in ("2763", "A7", "90210")]
    files = []
    for image in images:
        for name in FORMATS:
            out = io.BytesIO()
            image.save(out, name)
            files.append(out.getvalue())
    pdf = io.BytesIO()
    images[-1].save(pdf, "PDF")
    return [*files, pdf.getvalue()]


def mutate(content: bytes, rng: np.random.Generator) -> bytes:
    """Flip, overwrite, cut, repeat or drop bytes, most often near the header."""
    data = bytearray(content)
    for _ in range(int(rng.integers(1, 6))):
        if not data:
            break
        at = int(
            rng.integers(len(data)) if rng.random() < 0.5 else rng.integers(min(64, len(data)))
        )
        kind = rng.integers(6)
        if kind == 0:
            data[at] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            data[at] = int(rng.choice([0, 1, 127, 128, 255]))
        elif kind == 2:
            data[at : at + 4] = rng.bytes(4)
        elif kind == 3:
            del data[at:]
        elif kind == 4:
            data[at:at] = data[at : at + int(rng.integers(1, 200))]
        else:
            del data[at : at + int(rng.integers(1, 50))]
    return bytes(data)


@pytest.fixture
def process() -> Iterator[tuple[Client, int]]:
    """A server in a process of its own, and its number."""
    root = str(Path(__file__).parents[2])
    child = subprocess.Popen(
        [sys.executable, "-c", SERVER.format(root=root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdin is not None
    try:
        yield Client(child.stdout.readline().strip()), child.pid
    finally:
        child.stdin.close()
        child.wait(30)
        child.stdout.close()


def memory_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")
def test_ten_thousand_mutated_pictures_do_no_harm(process: tuple[Client, int]) -> None:
    client, pid = process
    rng = np.random.default_rng(0)
    files = seeds()
    assert all(client.read(content).status_code == 200 for content in files)
    statuses: Counter[int] = Counter()
    memory = []
    for number in range(N_PICTURES):
        # A PDF starts a process: one in a hundred.
        place = int(rng.integers(len(files) - 1)) if number % 100 else -1
        answer = client.read(mutate(files[place], rng))
        statuses[answer.status_code] += 1
        if answer.status_code >= 500:
            pytest.fail(f"picture {number}: {answer.text}")
        if number % 500 == 499:
            memory.append(memory_mib(pid))
    print(dict(statuses), [round(value) for value in memory])
    assert set(statuses) <= {200, 415, 422}
    assert statuses[200] > 100
    assert statuses[422] > 1000
    middle = len(memory) // 2
    assert max(memory[middle:]) < 1.15 * max(memory[:middle]) + 10
    assert client("GET", "/healthz").status_code == 200
