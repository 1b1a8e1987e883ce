import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from tests.images.files import encoded, exif, png, png_chunk, stroke

from hdalr.images import container
from hdalr.images.container import check_png_data, find_format, strip_container

NOISE = np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)
BOMB = zlib.compress(bytes(50_000_000), 9)  # 48 KB


def strip(content):
    return strip_container(find_format(content), content)


def jpeg_segment(marker, data):
    return bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data


def pixels(content):
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


@pytest.mark.parametrize("format", ["BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP"])
def test_a_stripped_file_has_the_same_pixels(format):
    content = encoded(NOISE, format)
    assert find_format(content) == format
    np.testing.assert_array_equal(pixels(strip(content).content), pixels(content))


@pytest.mark.parametrize("content", [b"", b"P", b"BX", b"%PDF-1.7", b"RIFF1234WAVE", b"GIF90a"])
def test_other_files_have_no_format(content):
    assert find_format(content) is None


@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP", b"iTXt", b"tEXt", b"acTL"])
def test_a_png_keeps_no_metadata(kind):
    plain = png(2, 1, b"\0\1\2")
    assert strip(png(2, 1, b"\0\1\2", png_chunk(kind, b"a\0\0" + BOMB))).content == plain


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_is_found(format, orientation):
    block = Image.Exif()
    block[274] = orientation
    content = encoded(NOISE, format, exif=block)
    assert strip(content).orientations == (orientation,)


def test_a_png_chunk_that_was_changed_is_refused():
    content = bytearray(png(20, 20, bytes(420)))
    content[content.index(b"IDAT") + 6] ^= 1
    with pytest.raises(ValueError, match="wrong checksum of a chunk b'IDAT'"):
        strip(bytes(content))


@pytest.mark.parametrize(
    ("rows", "missing"), [(b"\0" + bytes(9), 1), (b"\0\1\2\3\4" * 1, 5), (b"", 10)]
)
def test_a_png_of_fewer_pixels_than_it_says_is_refused(rows, missing):
    whole = b"\0\1\2\3\4" * 2
    check_png_data(png(4, 2, whole))
    check_png_data(png(4, 2, whole + bytes(1000)))
    with pytest.raises(ValueError, match=f"pixels of {10 - missing} bytes; its size asks for 10"):
        check_png_data(png(4, 2, rows[: 10 - missing]))


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 2), (5, 5), (8, 8), (13, 9)])
@pytest.mark.parametrize("bits", [1, 8])
def test_the_bytes_of_an_interlaced_png_are_known(width, height, bits):
    """Hand-worked by the definition: each pixel belongs to one of seven grids."""
    total = 0
    for top, left, down, across in (
        (0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
        (1, 0, 2, 1),
    ):  # fmt: skip
        n_rows, n_columns = len(range(top, height, down)), len(range(left, width, across))
        total += n_rows * (1 + -(-n_columns * bits // 8)) if n_columns else 0
    content = bytearray(png(width, height, bytes(total), interlaced=True))
    content[24] = bits
    check_png_data(bytes(content))
    content = bytearray(png(width, height, bytes(total - 1), interlaced=True))
    content[24] = bits
    with pytest.raises(ValueError, match=f"asks for {total}"):
        check_png_data(bytes(content))


def test_a_jpeg_keeps_neither_exif_profiles_nor_comments():
    content = encoded(NOISE, "JPEG")
    extra = (
        jpeg_segment(0xE1, b"Exif\0\0" + exif(6))
        + jpeg_segment(0xE2, b"ICC_PROFILE\0" + bytes(60_000))
        + jpeg_segment(0xFE, bytes(60_000))
    )
    stripped = strip(content[:2] + extra + content[2:])
    assert stripped.content == strip(content).content
    assert stripped.orientations == (6,)


def test_what_follows_a_jpeg_is_dropped():
    content = encoded(NOISE, "JPEG")
    assert strip(content + b"a film" + 300 * b"\xff\xda\0\1").content == content


def test_a_jpeg_of_endless_scans_is_refused():
    content = encoded(NOISE, "JPEG", progressive=True)
    scans = [
        content[start:end]
        for marker, start, end in container._segments(content)
        if marker == container.START_OF_SCAN
    ]
    strip(content[:-2] + scans[-1] * (100 - len(scans)) + b"\xff\xd9")
    with pytest.raises(ValueError, match="more than 100 scans"):
        strip(content[:-2] + scans[-1] * (101 - len(scans)) + b"\xff\xd9")


def test_of_a_gif_the_first_frame_and_its_transparency_are_kept():
    frames = [Image.fromarray(np.eye(4, k=k, dtype=np.uint8) * 200) for k in range(2)]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], transparency=0)
    start = 13 + container._palette_bytes(content[10])
    commented = content[:start] + b"!\xfe" + (b"\xff" + bytes(255)) * 1000 + b"\0" + content[start:]
    stripped = strip(commented).content
    with Image.open(io.BytesIO(stripped)) as image:
        assert image.n_frames == 1
        assert "transparency" in image.info
    np.testing.assert_array_equal(pixels(stripped), pixels(content))


def test_a_gif_without_a_frame_is_refused():
    content = encoded(stroke(), "GIF")
    with pytest.raises(ValueError, match="no frame"):
        strip(content[: 13 + container._palette_bytes(content[10])] + b";;")


def test_too_many_pieces_are_refused(monkeypatch):
    monkeypatch.setattr(container, "MAX_PIECES", 50)
    with pytest.raises(ValueError, match="more than 50 chunks"):
        strip(png(1, 1, b"\0\0", *[png_chunk(b"IDAT")] * 60))
    content = encoded(NOISE, "JPEG")
    with pytest.raises(ValueError, match="more than 50 segments"):
        strip(content[:2] + jpeg_segment(0xFE, b"") * 60 + content[2:])
