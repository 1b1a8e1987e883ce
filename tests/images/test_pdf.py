import hashlib
import subprocess
import sys
import threading
import time

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from tests.images.files import encoded, stroke

from hdalr.errors import DataError, ParameterError
from hdalr.images import pdf
from hdalr.images.door import open_pages
from hdalr.images.pdf import is_pdf, pdf_pages
from hdalr.images.pdf_renderer import find_scale

PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


def pages_of(count):
    """A PDF of pages of 1 x 0.75 inch, each with a dark bar further down."""
    pages = []
    for number in range(count):
        page = np.full((100, 75), 255, np.uint8)
        page[10 + 20 * number : 20 + 20 * number, 20:50] = 0
        pages.append(Image.fromarray(page))
    return encoded(pages[0], "PDF", resolution=100, save_all=True, append_images=pages[1:])


def document(*objects, trailer=b""):
    """A PDF of numbered objects, the first of them its catalogue."""
    content, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    rows = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return (
        content
        + b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, rows)
        + b"trailer\n<</Size %d /Root 1 0 R %b>>\n" % (size, trailer)
        + b"startxref\n%d\n%%%%EOF" % len(content)
    )


def one_page(width, height, *objects, extra=b"", trailer=b""):
    return document(
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] %b>>" % (width, height, extra),
        *objects,
        trailer=trailer,
    )


def blank_pages(count, side):
    kids = b"/Kids [%b] /Count %d" % (b"3 0 R " * count, count)
    page = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d]>>" % (side, side)
    return document(b"<</Type /Catalog /Pages 2 0 R>>", b"<</Type /Pages %b>>" % kids, page)


def stream(data, entries=b""):
    return b"<</Length %d %b>>\nstream\n%b\nendstream" % (len(data), entries, data)


def rc4(key, data):
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def protected(password):
    """A PDF under the standard handler's first revision (PDF 1.7, section 7.6.3)."""
    padded, identity = (password + PADDING)[:32], bytes(range(16))
    owner = rc4(hashlib.md5(padded).digest()[:5], padded)
    rights = (-4).to_bytes(4, "little", signed=True)
    user = rc4(hashlib.md5(padded + owner + rights + identity).digest()[:5], PADDING)
    trailer = b"/ID [<%b> <%b>] /Encrypt <</Filter /Standard /V 1 /R 2 /P -4 /O <%b> /U <%b>>>" % (
        *[identity.hex().encode()] * 2,
        owner.hex().encode(),
        user.hex().encode(),
    )
    return one_page(72, 72, trailer=trailer)


def nested_forms(depth, fan):
    """Forms that draw each other: fan ** depth marks from a few hundred bytes."""
    forms = [
        stream(
            b"/F Do " * fan if level < depth else b"0 0 9 9 re f",
            b"/Type /XObject /Subtype /Form /BBox [0 0 72 72] "
            b"/Resources <</XObject <</F %d 0 R>>>>" % (5 + level),
        )
        for level in range(1, depth + 1)
    ]
    extra = b"/Contents 4 0 R /Resources <</XObject <</F 5 0 R>>>>"
    return one_page(72, 72, stream(b"/F Do"), *forms, extra=extra)


def refusal(content):
    with pytest.raises(DataError) as error:
        list(pdf_pages(content, "a.pdf"))
    assert str(error.value).startswith("a.pdf: ")
    return str(error.value)


def test_every_page_is_drawn_grey_at_200_pixels_an_inch():
    pages = list(pdf_pages(pages_of(3), "a"))
    assert [page.shape for page in pages] == [(200, 150)] * 3
    for number, page in enumerate(pages):
        assert page.dtype == np.uint8
        assert page[30 + 40 * number, 70] < 30
        assert (page < 128).sum() == pytest.approx(20 * 60, rel=0.1)
        assert page[:, :30].min() > 225


def test_the_door_numbers_the_pages(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(pages_of(2))
    pages = list(open_pages(path))
    assert [(page.name, page.number, page.picture.shape) for page in pages] == [
        (str(path), 1, (200, 150)),
        (str(path), 2, (200, 150)),
    ]


def test_a_signature_may_stand_later():
    assert is_pdf(b"\n\n%PDF-1.4")
    assert not is_pdf(bytes(1100) + b"%PDF-1.4")


def test_resolution_is_followed_and_checked():
    (page,) = pdf_pages(pages_of(1), "a", resolution=100)
    assert page.shape == (100, 75)
    for resolution in (0, -1, 2401, float("nan")):
        with pytest.raises(ParameterError, match="choose an integer from 1 to 2400"):
            next(pdf_pages(pages_of(1), "a", resolution=resolution))


def test_a_huge_page_is_drawn_smaller():
    (page,) = pdf_pages(one_page(14_400, 14_400), "a")
    assert 40_000_000 < page.size <= pdf.MAX_PIXELS
    assert page.shape[0] == page.shape[1]
    assert page.min() == 255


@pytest.mark.parametrize(
    ("width", "height"), [(1e-3, 1e9), (1e9, 1e-3), (1e9, 1e9), (0, 0), (1, 1)]
)
def test_no_page_gets_more_than_its_pixels(width, height):
    scale = find_scale(width, height, resolution=200, max_pixels=50_000_000)
    assert (width * scale + 1) * (height * scale + 1) <= 50_000_000


def test_a_password_is_asked_for():
    content = protected(b"secret")
    with pypdfium2.PdfDocument(content, password="secret") as opened:
        assert len(opened) == 1
    assert refusal(content) == (
        "a.pdf: protected by a password; expected a PDF that opens without one"
    )


def test_an_empty_password_needs_no_answer():
    (page,) = pdf_pages(protected(b""), "a")
    assert page.shape == (200, 200)


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"%PDF-1.7" + bytes(1000), pages_of(1)[:300]])
def test_a_damaged_pdf_is_named(content):
    assert "no PDF, or a damaged one" in refusal(content)


def test_the_number_of_pages_is_limited():
    assert refusal(blank_pages(1001, 9)).endswith("1001 pages; expected 1 to 1000")
    assert next(pdf_pages(blank_pages(1000, 9), "a")).shape == (25, 25)


def test_a_page_that_takes_too_long_is_given_up(monkeypatch):
    assert next(pdf_pages(nested_forms(3, 3), "a")).min() < 30
    monkeypatch.setattr(pdf, "MAX_SECONDS", 1)
    start = time.monotonic()
    assert refusal(nested_forms(12, 10)).endswith("takes more than 1 seconds to draw")
    assert time.monotonic() - start < 20


def test_the_clock_stands_still_while_pages_are_waited_for(monkeypatch):
    monkeypatch.setattr(pdf, "MAX_SECONDS", 2)
    pages = pdf_pages(blank_pages(3, 360), "a")  # larger than what a pipe takes in
    next(pages)
    time.sleep(3)
    assert len(list(pages)) == 2


def test_no_process_outlives_its_iterator(monkeypatch):
    started = []
    original = subprocess.Popen

    def start(*arguments, **options):
        started.append(original(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(pdf.subprocess, "Popen", start)
    pages = pdf_pages(blank_pages(3, 360), "a")  # larger than what a pipe takes in
    assert started == []
    next(pages)
    pages.close()
    list(pdf_pages(pages_of(1), "a"))
    refusal(b"%PDF-1.7")
    assert len(started) == 3
    for process in started:
        assert process.returncode is not None
        assert process.stdin.closed
        assert process.stdout.closed


def test_a_renderer_that_fails_is_a_data_error(monkeypatch, tmp_path):
    failing = tmp_path / "python"
    failing.write_text("#!/bin/sh\nexit 3\n")
    failing.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(failing))
    assert "PDFium failed, or ran out of memory" in refusal(pages_of(1) + bytes(10_000_000))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
    assert "no process can be started" in refusal(pages_of(1))


def test_threads_get_the_same_pages():
    content = pages_of(2)
    expected = list(pdf_pages(content, "a"))
    same = []

    def work():
        pages = list(pdf_pages(content, "a"))
        same.append(all(map(np.array_equal, pages, expected)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert same == [True] * 4


def test_a_picture_as_pdf_keeps_its_ink():
    (page,) = pdf_pages(encoded(stroke(), "PDF", resolution=200), "a")
    assert page.shape == (40, 30)
    assert page[8, 7] < 60
    assert page[30, 20] > 240
