import numpy as np
import pytest
from tests.images.files import encoded

from hdalr.images.picture import decode_pages
from hdalr.images.ppm import read_ppm, read_ppm_header

NOISE = np.random.default_rng(0).integers(0, 256, (9, 14, 3), np.uint8)


def read(content):
    return read_ppm(content, read_ppm_header(content))


@pytest.mark.parametrize("content", [b"P1 3 2 1 0 1 010", b"P1\n# by hand\n3 2\n10 1\n010\n"])
def test_bits_as_text(content):
    assert read(content).tolist() == [[0, 255, 0], [255, 0, 255]]


def test_packed_bits():
    assert read(b"P4 3 2\n\xa0\x5f").tolist() == [[0, 255, 0], [255, 0, 255]]


def test_numbers_as_text():
    assert read(b"P2\n2 2\n# highest\n100\n0 50\n100 999").tolist() == [[0, 128], [255, 255]]
    assert read(b"P3 1 1 255 1 2 3").tolist() == [[[1, 2, 3]]]


def test_bytes():
    np.testing.assert_array_equal(read(encoded(NOISE, "PPM")), NOISE)
    np.testing.assert_array_equal(read(encoded(NOISE[:, :, 0], "PPM")), NOISE[:, :, 0])
    assert read(b"P5 3 1 15 \x00\x01\x0f").tolist() == [[0, 17, 255]]


def test_two_bytes_a_value():
    assert read(b"P5 2 1 65535 \x80\x80\xff\xff").tolist() == [[128, 255]]


@pytest.mark.parametrize(
    "content",
    [
        b"P5 3 2 255",
        b"P5 3 2 0 123456",
        b"P5 3 2 65536 123456",
        b"P5 3 -2 255 123456",
        b"P5 3 2 255 12345",
        b"P6 3 2 255 123456",
        b"P4 9 2\n123",
        b"P1 3 2\n10101",
        b"P2 2 1 255 ",
        b"P2 2 1 255 1",
        b"P2 2 1 255 1   \n  ",
        b"P2 2 1 255 1 x",
        b"P2 2 1 255 1 -1",
        b"P5 #" + b"a" * 10_000_000,
        b"P5 " + b"1" * 10_000_000,
        b"P5" + b" " * 10_000_000,
    ],
)
def test_damaged_files_are_refused(content):
    with pytest.raises(ValueError, match=r"no width|highest value|values for|no numbers"):
        read(content)


def test_numbers_beyond_any_integer_are_cut_off():
    assert read(b"P2 2 1 255 1 " + b"9" * 50).shape == (1, 2)


def test_the_size_is_looked_at_first():
    with pytest.raises(ValueError, match="50000 x 50000 pixels; expected at most 50000000"):
        next(decode_pages(b"P5\n50000 50000\n255\n", "a"))
