import numpy as np
import pytest
from PIL import Image, ImageOps

from hdalr.errors import DataError
from hdalr.images.grey import TURNS, from_16_bits, to_grey

NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (9, 14, 3), np.uint8))


def transparent(ink, ground_alpha=0, shape=(20, 30)):
    """Writing of one grey value; around it nothing."""
    values = np.zeros((*shape, 2), np.uint8)
    values[:, :, 1] = ground_alpha
    values[5:15, 10:13] = ink, 255
    return Image.fromarray(values)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "CMYK", "YCbCr", "HSV", "1", "PA"])
def test_every_mode_becomes_its_grey(mode):
    image = NOISE.convert(mode)
    before = image.tobytes()
    np.testing.assert_array_equal(to_grey(image, "a"), np.asarray(image.convert("L")))
    assert image.tobytes() == before


@pytest.mark.parametrize("mode", ["La", "RGBa"])
def test_premultiplied_alpha_is_known(mode):
    straight = NOISE.convert({"La": "LA", "RGBa": "RGBA"}[mode])
    np.testing.assert_array_equal(to_grey(straight.convert(mode), "a"), to_grey(straight, "a"))


def test_of_lab_the_lightness_is_taken():
    lab = NOISE.convert("LAB")
    np.testing.assert_array_equal(to_grey(lab, "a"), np.asarray(lab)[:, :, 0])


def test_the_turns_are_those_of_exif():
    for orientation in TURNS:
        image = NOISE.copy()
        image.getexif()[274] = orientation
        turned = ImageOps.exif_transpose(image)
        np.testing.assert_array_equal(
            to_grey(NOISE, "a", orientation), np.asarray(turned.convert("L"))
        )


@pytest.mark.parametrize(("ink", "ground"), [(0, 255), (100, 255), (160, 0), (255, 0)])
def test_ink_on_transparent_gets_the_ground_that_contrasts(ink, ground):
    grey = to_grey(transparent(ink), "a")
    assert grey[0, 0] == ground
    assert grey[8, 11] == ink


def test_a_soft_edge_lies_between_ink_and_ground():
    image = transparent(255)
    image.putpixel((13, 8), (255, 128))
    assert to_grey(image, "a")[8, 13] == 128


def test_faint_white_ink_does_not_vanish():
    values = np.zeros((20, 30, 2), np.uint8)
    values[5:15, 10:13] = 255, 100
    assert to_grey(Image.fromarray(values), "a").max() == 100


def test_all_transparent_is_white():
    assert (to_grey(Image.new("LA", (4, 5), (0, 0)), "a") == 255).all()


def test_paper_that_does_not_fill_the_frame_goes_on():
    values = np.zeros((40, 40, 2), np.uint8)
    values[4:36, 2:38] = 220, 255  # paper
    values[10:30, 10:14] = 30, 255  # ink on it
    grey = to_grey(Image.fromarray(values), "a")
    assert grey[0, 0] == 220
    assert (grey < 200).sum() == 80


def test_a_wide_stroke_of_one_colour_is_ink():
    values = np.full((20, 6, 2), 255, np.uint8)
    values[:, :1, 1] = 0
    assert to_grey(Image.fromarray(values), "a")[0].tolist() == [0, 255, 255, 255, 255, 255]


def test_a_palette_with_a_transparent_colour():
    image = Image.new("P", (3, 1))
    image.putpalette([9, 9, 9, 250, 250, 250])
    image.putpixel((1, 0), 1)
    image.info["transparency"] = 0
    assert to_grey(image, "a").tolist() == [[0, 250, 0]]


def test_16_bits_are_scaled_and_fractions_refused():
    values = np.array([[0, 2700, 32896, 65535]], np.uint16)
    assert to_grey(Image.fromarray(values), "a").tolist() == [[0, 11, 128, 255]]
    with pytest.raises(DataError, match="a: fractions"):
        to_grey(Image.new("F", (2, 2)), "a")
    with pytest.raises(DataError, match="values -1 to 0; expected 0 to 65535"):
        from_16_bits(np.array([[-1, 0]], np.int32), "a")
