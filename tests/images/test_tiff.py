import io
import struct

import numpy as np
import pytest
from PIL import Image
from tests.images.files import encoded, exif, tiff_directory

from hdalr.images import tiff
from hdalr.images.tiff import read_orientation, strip_tiff

NOISE = np.random.default_rng(0).integers(0, 256, (20, 30), np.uint8)


def short(value, order="<"):
    return struct.pack(order + "HH", value, 0)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_orientation_is_read_in_both_byte_orders(order, prefix):
    assert [read_orientation(prefix + exif(value, order)) for value in range(10)] == [
        *[1, 1, 2, 3, 4, 5, 6, 7, 8, 1]
    ]


@pytest.mark.parametrize(
    "content", [b"", b"II", b"II*\0\xff\xff\xff\xff", b"no exif", exif(6)[:15]]
)
def test_damaged_exif_is_upright(content):
    assert read_orientation(content) == 1


def test_an_orientation_of_another_type_is_upright():
    assert read_orientation(tiff_directory([(274, 2, 1, b"\6\0\0\0")])) == 1


@pytest.mark.parametrize("options", [{}, {"compression": "tiff_lzw"}, {"big_tiff": True}])
def test_metadata_are_struck_out_of_every_page(options):
    pages = [Image.fromarray(NOISE // (1 + page)) for page in range(3)]
    content = encoded(
        pages[0], "TIFF", save_all=True, append_images=pages[1:], description="secret", **options
    )
    stripped, orientations = strip_tiff(content)
    assert len(stripped) == len(content)
    assert orientations == (1, 1, 1)
    with Image.open(io.BytesIO(stripped)) as image:
        for number, page in enumerate(pages):
            image.seek(number)
            assert 270 not in image.tag_v2
            np.testing.assert_array_equal(np.asarray(image), np.asarray(page))


def test_a_tag_larger_than_the_file_or_a_mebibyte_is_refused():
    for count in (1000, 2**31):
        with pytest.raises(ValueError, match=f"tag 273 claims {4 * count} bytes from 8"):
            strip_tiff(tiff_directory([(273, 4, count, struct.pack("<I", 8))]))
    large = tiff_directory([(273, 4, 2**18 + 1, struct.pack("<I", 8))]) + bytes(2**21)
    with pytest.raises(ValueError, match="expected at most 1048576"):
        strip_tiff(large)


def test_absurd_tags_that_say_nothing_of_pixels_are_struck_out():
    content = tiff_directory([(700, 1, 2**32 - 1, b"\xff" * 4), (256, 3, 1, short(7))])
    assert strip_tiff(content)[0].startswith(tiff_directory([(256, 3, 1, short(7))])[:22])


def test_a_directory_of_too_many_tags_is_refused():
    with pytest.raises(ValueError, match="a directory of 1001 tags"):
        strip_tiff(tiff_directory([(tag, 3, 1, short(1)) for tag in range(1001)]))


def test_a_ring_of_pages_ends():
    content = bytearray(tiff_directory([(256, 3, 1, short(7))]))
    content[-4:] = struct.pack("<I", 8)
    assert strip_tiff(bytes(content))[1] == (1,)


def test_too_many_pages_are_refused(monkeypatch):
    pages = [Image.fromarray(NOISE)] * 3
    content = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    monkeypatch.setattr(tiff, "MAX_PAGES", 3)
    strip_tiff(content)
    monkeypatch.setattr(tiff, "MAX_PAGES", 2)
    with pytest.raises(ValueError, match="more than 2 pages"):
        strip_tiff(content)


def test_no_page_is_refused():
    with pytest.raises(ValueError, match="no page"):
        strip_tiff(b"II*\0" + bytes(20))
