import contextlib
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from hdalr.errors import DataError
from hdalr.images import picture as door
from hdalr.images.picture import decode_pages, fit_picture, ink_bright, load_picture


@pytest.fixture
def stroke():
    """White paper with a dark stroke near the top left."""
    paper = np.full((40, 30), 255, np.uint8)
    paper[5:12, 6:9] = 0
    return paper


def png_header(width, height):
    """A PNG that claims a size and holds no pixels."""
    fields = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + fields
    end = struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", len(fields))
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + end
    )


def refusal(path):
    with pytest.raises(DataError) as error:
        load_picture(path)
    assert path.name in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.gif", "a.tiff", "a.webp", "a.jpg", "a.pgm"])
def test_dark_ink_on_paper_becomes_bright_in_every_format(tmp_path, stroke, name):
    Image.fromarray(stroke).save(tmp_path / name)
    picture = load_picture(tmp_path / name)
    assert picture.shape == (40, 30)
    assert picture.dtype == np.uint8
    assert picture[8, 7] > 200
    assert picture[30, 20] < 30


def test_bright_ink_on_dark_is_left_as_it_is(tmp_path, stroke):
    Image.fromarray(255 - stroke).save(tmp_path / "a.png")
    np.testing.assert_array_equal(load_picture(tmp_path / "a.png"), 255 - stroke)


def test_inverting_twice_is_inverting_once(stroke):
    np.testing.assert_array_equal(ink_bright(ink_bright(stroke)), 255 - stroke)


def test_a_photo_is_turned_as_its_exif_says(tmp_path, stroke):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter to the left in the file
    Image.fromarray(stroke).save(tmp_path / "a.png", exif=exif)
    picture = load_picture(tmp_path / "a.png")
    assert picture.shape == (30, 40)
    np.testing.assert_array_equal(picture, np.rot90(255 - stroke, -1))


def test_transparent_becomes_paper(tmp_path):
    colour = np.zeros((20, 20, 4), np.uint8)  # black, all of it transparent
    colour[8:12, 8:12, 3] = 255
    Image.fromarray(colour).save(tmp_path / "a.png")
    picture = load_picture(tmp_path / "a.png")
    assert picture[10, 10] == 255
    assert picture[0, 0] == 0


def test_16_bits_are_scaled_to_8(tmp_path):
    values = np.zeros((10, 10), np.uint16)
    values[4, 4:7] = 2700, 32896, 65535  # 10.51, 128 and 255 times 257
    Image.fromarray(values).save(tmp_path / "a.png")
    assert load_picture(tmp_path / "a.png")[4, 4:7].tolist() == [11, 128, 255]


def test_floats_are_refused(tmp_path):
    Image.fromarray(np.full((10, 10), 0.5, np.float32)).save(tmp_path / "a.tiff")
    assert "mode F); expected integers of 8 or 16 bits" in refusal(tmp_path / "a.tiff")


@pytest.mark.parametrize("value", [-1, 65536])
def test_integers_of_more_than_16_bits_are_refused(tmp_path, value):
    values = np.zeros((10, 10), np.int32)
    values[4, 4] = value
    Image.fromarray(values).save(tmp_path / "a.tiff")
    said = f"mode I with values {min(value, 0)} to {max(value, 0)}; expected 0 to 65535"
    assert said in refusal(tmp_path / "a.tiff")


def test_colour_becomes_grey(tmp_path):
    paper = np.full((20, 20, 3), (255, 255, 240), np.uint8)
    paper[5:10, 5:10] = (0, 0, 120)
    Image.fromarray(paper).save(tmp_path / "a.png")
    picture = load_picture(tmp_path / "a.png")
    assert picture[7, 7] > 200 > 30 > picture[0, 0]


def test_text_is_no_picture(tmp_path):
    path = tmp_path / "notes.png"
    path.write_text("no picture at all")
    assert "no picture; expected BMP" in refusal(path)


def test_a_missing_file_is_a_data_error(tmp_path):
    assert "cannot be read" in refusal(tmp_path / "nothing.png")


def test_a_picture_cut_short_is_named(tmp_path):
    path = tmp_path / "cut.png"
    noise = np.random.default_rng(0).integers(0, 256, (60, 60), np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    assert "damaged or cut short" in refusal(path)


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (10_000, 5_001), (2**31 - 1, 9)])
def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path, width, height):
    path = tmp_path / "huge.png"
    path.write_bytes(png_header(width, height))
    tracemalloc.start()
    try:
        message = refusal(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert message.endswith("expected at most 50000000 pixels")
    assert str(width * height) in message or f"{width} x {height}" in message
    assert peak < 4e6


def test_the_largest_size_is_allowed(tmp_path, stroke):
    Image.fromarray(stroke).save(tmp_path / "a.png")
    content = (tmp_path / "a.png").read_bytes()
    assert next(decode_pages(content, "a", stroke.size)).shape == stroke.shape
    with pytest.raises(DataError, match="30 x 40 pixels; expected at most 1199 pixels"):
        next(decode_pages(content, "a", stroke.size - 1))


@settings(
    deadline=None,
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), form=st.sampled_from(["png", "jpeg", "tiff", "gif", "bmp", "webp"]))
def test_mutated_pictures_are_read_or_refused(tmp_path, stroke, data, form):
    path = tmp_path / f"mutated.{form}"
    Image.fromarray(stroke).save(path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with contextlib.suppress(DataError):
        load_picture(path)


def test_a_tall_picture_is_padded_with_its_ground_and_centred():
    picture = np.full((56, 28), 40, np.uint8)
    picture[:, 10:18] = 240
    fitted = fit_picture(picture)
    assert fitted.shape == (28, 28)
    assert fitted[14, 13] == 240
    assert fitted[14, 0] == fitted[14, 27] == 40


@pytest.mark.parametrize("shape", [(1_000_000, 1), (2, 1_000_000), (40_000, 1000)])
def test_a_long_strip_takes_little_memory(shape):
    picture = np.full(shape, 100, np.uint8)
    tracemalloc.start()
    try:
        fitted = fit_picture(picture)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert fitted.tolist() == [[100] * 28] * 28
    assert peak < 150e6


def test_a_long_strip_keeps_its_shape(monkeypatch):
    monkeypatch.setattr(door, "MAX_SIDE", 200)
    picture = np.zeros((1000, 500), np.uint8)
    picture[:, 125:375] = 240
    fitted = fit_picture(picture)
    assert fitted[14, 11:17].min() == 240
    assert fitted[14, :10].max() == fitted[14, 18:].max() == 0


def test_fitting_averages_areas():
    picture = np.zeros((4, 4), np.uint8)
    picture[0, 0] = 200
    assert fit_picture(picture, size=2).tolist() == [[50, 0], [0, 0]]
