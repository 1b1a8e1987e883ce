import contextlib
import io
import os
import struct
import subprocess
import sys
import textwrap
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.images.files import encoded, exif, png, png_chunk, stroke

from hdalr.errors import DataError
from hdalr.images import door
from hdalr.images.door import SUFFIXES, open_pages

NOISE = np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)
GREY = np.asarray(Image.fromarray(NOISE).convert("L"))
LOSSLESS = [
    ("PNG", {}),
    ("BMP", {}),
    ("PPM", {}),
    ("WEBP", {"lossless": True}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("TIFF", {"compression": "tiff_adobe_deflate"}),
]


def only(source, where=None):
    (page,) = open_pages(source, where)
    assert page.picture.dtype == np.uint8
    assert page.number == 1
    return page.picture


def refusal(source, where=None):
    with pytest.raises(DataError) as error:
        list(open_pages(source, where))
    return str(error.value)


@pytest.mark.parametrize(("format", "options"), LOSSLESS)
def test_the_same_picture_comes_the_same_from_everywhere(tmp_path, format, options):
    content = encoded(NOISE, format, **options)
    path = tmp_path / "a.any"
    path.write_bytes(content)
    sources = [path, str(path), content, bytearray(content), memoryview(content)]
    for source in [*sources, io.BytesIO(content), NOISE, Image.fromarray(NOISE), path]:
        np.testing.assert_array_equal(only(source), GREY)
    with path.open("rb") as file:
        np.testing.assert_array_equal(only(file), GREY)
    assert path.read_bytes() == content


def test_pages_are_named(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(encoded(GREY, "PNG"))
    with path.open("rb") as file:
        names = [
            next(open_pages(source)).name
            for source in (path, str(path), file, GREY, path.read_bytes(), Image.fromarray(GREY))
        ]
    assert names == [str(path)] * 3 + ["array", "bytes", "source"]
    assert next(open_pages(GREY, "field 3")).name == "field 3"
    assert refusal(b"text", "upload 7") == (
        "upload 7: no picture; expected BMP, GIF, JPEG, PNG, PPM, TIFF, WEBP or PDF"
    )


def test_polarity_stays_as_it_is():
    np.testing.assert_array_equal(only(encoded(stroke(), "PNG")), stroke())
    np.testing.assert_array_equal(only(255 - stroke()), 255 - stroke())


def test_every_page_of_a_tiff_comes_and_of_animations_the_first():
    frames = [Image.fromarray(np.full((4, 5 + n), 50 * n, np.uint8)) for n in range(4)]
    more = {"save_all": True, "append_images": frames[1:]}
    for options in ({}, {"compression": "tiff_lzw"}, {"big_tiff": True}):
        pages = list(open_pages(encoded(frames[0], "TIFF", **more, **options)))
        assert [page.number for page in pages] == [1, 2, 3, 4]
        assert [page.picture.shape for page in pages] == [(4, 5), (4, 6), (4, 7), (4, 8)]
        assert [int(page.picture[0, 0]) for page in pages] == [0, 50, 100, 150]
    same = [Image.fromarray(np.full((4, 5), 50 * n, np.uint8)) for n in range(4)]
    for format in ("GIF", "PNG", "WEBP"):
        content = encoded(same[0], format, save_all=True, append_images=same[1:])
        assert only(content).max() == 0


def test_pages_are_decoded_when_they_are_asked_for():
    frames = [Image.fromarray(np.full((40, 40), 50 * n, np.uint8)) for n in range(2)]
    content = encoded(
        frames[0], "TIFF", save_all=True, append_images=frames[1:], compression="tiff_lzw"
    )
    with Image.open(io.BytesIO(content)) as image:
        image.seek(1)
        strip = image.tag_v2[273][0]
    damaged = content[:strip] + bytes(8) + content[strip + 8 :]
    pages = open_pages(damaged)
    assert next(pages).number == 1
    with pytest.raises(DataError, match="damaged or cut short"):
        next(pages)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_their_exif_says(format, orientation):
    block = Image.Exif()
    block[274] = orientation
    content = encoded(stroke(80, 60), format, exif=block)
    expected = only(png_of(stroke(80, 60), orientation))
    with Image.open(io.BytesIO(content)) as image:
        for turned in (only(content), only(image)):
            assert turned.shape == ((60, 80) if orientation > 4 else (80, 60))
            assert np.abs(turned.astype(int) - expected).max() < 60


def png_of(array, orientation):
    """Turned by numpy, as EXIF 2.32 defines the rows and columns."""
    turn = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: np.transpose,
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(a, 2).T,
        8: np.rot90,
    }[orientation]
    return np.ascontiguousarray(turn(array))


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([[True, False]]), [[255, 0]]),
        (np.array([[0, 2700, 65535]], np.uint16), [[0, 11, 255]]),
        (np.array([[0, 2700, 65535]], ">u2"), [[0, 11, 255]]),
        (np.array([[0, 0.5, 1]]), [[0, 128, 255]]),
        (np.array([[0, 0.25, 1]], np.float16), [[0, 64, 255]]),
        (np.array([[[10, 10, 10], [0, 0, 255]]], np.uint8), [[10, 29]]),
        (np.array([[[9, 9, 9, 255], [0, 0, 0, 0]]], np.uint8), [[9, 255]]),
        (np.array([[[7], [8]]], np.uint8), [[7, 8]]),
        (np.array([[1.0, 0.0, 0.0]])[None], [[76]]),
    ],
)
def test_arrays_of_all_kinds(array, expected):
    before = array.copy()
    assert only(array).tolist() == expected
    np.testing.assert_array_equal(array, before)


def test_a_page_does_not_share_its_source_memory():
    array = stroke()
    page = only(array)
    page[:] = 3
    np.testing.assert_array_equal(array, stroke())
    assert only(np.asfortranarray(stroke())[::-1, ::2]).tolist() == stroke()[::-1, ::2].tolist()


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros((0, 5), np.uint8), "5 x 0 pixels; expected at least one"),
        (np.zeros(5, np.uint8), "shape (5,); expected (height, width)"),
        (np.array(5, np.uint8), "shape (); expected (height, width)"),
        (np.zeros((2, 3, 4, 5), np.uint8), "shape (2, 3, 4, 5)"),
        (np.zeros((2, 3, 2), np.uint8), "shape (2, 3, 2)"),
        (np.zeros((2, 3, 0), np.uint8), "shape (2, 3, 0)"),
        (np.array([[None]]), "type object; expected uint8"),
        (np.array([["a"]]), "type <U1; expected uint8"),
        (np.array([[1j]]), "type complex128; expected uint8"),
        (np.zeros((2, 2), np.int64), "type int64; expected uint8"),
        (np.zeros((2, 2), "M8[s]"), "type datetime64[s]; expected uint8"),
        (np.full((2, 2), np.nan), "values nan to nan; expected 0 to 1"),
        (np.array([[0, np.inf]]), "values 0 to inf; expected 0 to 1"),
        (np.array([[0, 255.0]]), "values 0 to 255; expected 0 to 1"),
        (np.array([[-0.1, 1.0]]), "values -0.1 to 1; expected 0 to 1"),
        (np.broadcast_to(np.uint8(1), (50_000, 50_000)), "50000 x 50000 pixels; expected at most"),
    ],
)
def test_wrong_arrays_are_named(array, said):
    assert refusal(array).startswith("array: ")
    assert said in refusal(array)


@pytest.mark.parametrize("source", [None, 3, [[1, 2]], [b"a"], {}, object()])
def test_other_sources_are_named(source):
    assert refusal(source).startswith(f"source: a {type(source).__name__}; expected a path, bytes")


def test_a_source_is_read_at_once(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        open_pages(tmp_path / "missing.png")
    path = tmp_path / "a.png"
    path.write_bytes(encoded(GREY, "PNG"))
    pages = open_pages(path)
    path.unlink()
    np.testing.assert_array_equal(next(pages).picture, GREY)


def test_the_largest_picture_is_allowed():
    for source in (GREY, NOISE, Image.fromarray(GREY), encoded(GREY, "PNG"), encoded(GREY, "PPM")):
        (page,) = open_pages(source, most_pixels=GREY.size)
        assert page.picture.shape == GREY.shape
        with pytest.raises(DataError, match="32 x 24 pixels; expected at most 767 pixels"):
            next(open_pages(source, most_pixels=GREY.size - 1))


def test_the_largest_file_is_allowed(monkeypatch):
    content = encoded(GREY, "PNG")
    monkeypatch.setattr(door, "MAX_BYTES", len(content))
    only(content)
    monkeypatch.setattr(door, "MAX_BYTES", len(content) - 1)
    assert f"{len(content)} bytes; expected at most {len(content) - 1}" in refusal(content)


def test_bad_files_are_named(tmp_path):
    contents = {
        "empty.png": b"",
        "text.png": b"Dear Sirs",
        "lying.png": png(100, 100, bytes(50 * 101)),
        "header.png": png(50_000, 50_000, b"")[:33],
        "nothing.png": b"\x89PNG\r\n\x1a\n",
        "open.jpg": b"\xff\xd8\xff",
        "pages.tiff": b"II*\0" + bytes(20),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    messages = {name: refusal(tmp_path / name) for name in contents}
    assert all(message.startswith(f"{tmp_path / name}: ") for name, message in messages.items())
    assert "empty, zero bytes; expected BMP" in messages["empty.png"]
    assert "no picture; expected BMP" in messages["text.png"]
    assert "pixels of 5050 bytes; its size asks for 10100" in messages["lying.png"]
    assert "50000 x 50000 pixels; expected at most 50000000" in messages["header.png"]
    for name in ("nothing.png", "open.jpg", "pages.tiff"):
        assert "damaged or cut short" in messages[name]


@pytest.mark.parametrize(
    ("format", "options"), [*LOSSLESS, ("JPEG", {}), ("GIF", {}), ("WEBP", {})]
)
def test_no_half_picture_comes_from_a_file_cut_short(format, options):
    content = encoded(NOISE, format, **options)
    whole = only(content)
    for length in {*range(0, len(content), 97), *range(len(content) - 30, len(content))}:
        with contextlib.suppress(DataError):
            np.testing.assert_array_equal(only(content[:length]), whole)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    data=st.data(),
    form=st.sampled_from([*LOSSLESS, ("JPEG", {"progressive": True}), ("GIF", {}), ("WEBP", {})]),
)
def test_mutated_files_are_read_or_refused(data, form):
    content = bytearray(encoded(NOISE, form[0], **form[1]))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(DataError):
        for page in open_pages(bytes(content)):
            assert page.picture.dtype == np.uint8


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content):
    with contextlib.suppress(DataError):
        list(open_pages(content))


def test_a_damaged_pillow_picture_is_a_data_error():
    with Image.open(io.BytesIO(encoded(NOISE, "JPEG")[:-50])) as image:
        assert refusal(image).startswith("source: the picture is damaged or cut short")


def test_threads_get_the_same_pictures():
    contents = [encoded(NOISE, form, **options) for form, options in LOSSLESS]
    lazy = Image.open(io.BytesIO(contents[0]))
    failures = []

    def work():
        try:
            for source in [*contents, lazy] * 10:
                np.testing.assert_array_equal(only(source), GREY)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def bomb(kind):
    """A PNG of three pixels with a chunk that expands to 150 MB."""
    return png(2, 1, b"\0\1\2", png_chunk(kind, b"a\0\0" + zlib.compress(bytes(150_000_000), 1)))


def overlapping_tags():
    """EXIF of 5,000 tags that all point at the same 60 KB."""
    tags = b"".join(struct.pack("<HHII", tag * 13 % 65536, 7, 60_000, 0) for tag in range(5000))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 5000) + tags


def exif_bomb():
    block = b"Exif\0\0" + overlapping_tags()
    segment = b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block
    return b"\xff\xd8" + segment + encoded(GREY, "JPEG")[2:]


HOSTILE = {  # made when the test runs
    "zTXt": lambda: bomb(b"zTXt"),
    "iCCP": lambda: bomb(b"iCCP"),
    "eXIf": lambda: png(2, 1, b"\0\1\2", png_chunk(b"eXIf", overlapping_tags())),
    "EXIF": exif_bomb,
    "IDAT": lambda: png(2, 1, bytes(150_000_000)),
    "chunks": lambda: png(2, 1, b"\0\1\2", png_chunk(b"IDAT") * 1_000_000),
    "GIF": lambda: b"GIF89a\xff\xff\xff\xff" + encoded(GREY, "GIF")[10:],
    "comment": lambda: b"GIF89a\1\0\1\0\0\0\0!\xfe" + (b"\xff" + bytes(255)) * 100_000,
    "PPM": lambda: b"P5\n#" + bytes(20_000_000),
    "WebP": lambda: b"RIFF\x2a\0\0\0WEBPVP8L\x1e\0\0\0\x2f\xfe\xff\xff\x0f" + bytes(25),
}


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of a process")
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_take_little_memory_and_time(tmp_path, name):
    """Under a limit of 100 MB above what the imports take, and of 20 seconds."""
    path = tmp_path / "hostile"
    path.write_bytes(HOSTILE[name]())
    program = f"""
        import importlib, resource
        from pathlib import Path
        from hdalr.errors import DataError
        from hdalr.images import picture
        from hdalr.images.door import open_pages
        for module, _ in picture.DECODERS.values():
            importlib.import_module("PIL." + module)
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000,) * 2)
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
        try:
            list(open_pages({str(path)!r}))
        except DataError as error:
            print(error)
        """
    limited = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert (limited.returncode, limited.stderr) == (0, "")


def test_the_suffixes_are_those_of_known_formats():
    assert {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".pdf"} <= SUFFIXES
    assert all(
        suffix == suffix.lower() and Path(f"a{suffix}").suffix == suffix for suffix in SUFFIXES
    )


def test_the_door_loads_no_decoder_before_it_is_needed():
    program = "import hdalr.images.door, sys; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"hdalr.images.pdf", "pypdfium2", "torch", "sklearn", "scipy", "matplotlib"} & set(
        modules
    )
    assert not [name for name in modules if name.startswith("PIL.") and name.endswith("Plugin")]


def test_exif_in_a_png_of_our_own_making_turns_it():
    assert only(png(2, 1, b"\0\1\2", png_chunk(b"eXIf", exif(6)))).tolist() == [[1], [2]]
