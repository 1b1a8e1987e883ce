"""Pictures that are brought to the page: chosen, pasted, dropped."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.browser.conftest import Server, Watch
from tests.browser.desk import Desk
from tests.browser.strokes import ROUND, trace

from hdalr.service.database import Store

ORIENTATION = 0x0112  # of EXIF
COPY = """content => {
    const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt(0));
    const item = new ClipboardItem({"image/png": new Blob([bytes], {type: "image/png"})});
    return navigator.clipboard.write([item]);
}"""


def paint(text: str, height: int = 120) -> np.ndarray:
    """A line of digits on grey paper with grain."""
    advance, margin = round(0.85 * height), height // 3
    picture = np.full((height + 2 * margin, advance * len(text) + 2 * margin), 215, np.uint8)
    for place, digit in enumerate(text):
        for stroke in trace(ROUND[digit], margin + place * advance, margin, height):
            points = np.rint(np.array(stroke) * 16).astype(np.int32)
            cv2.polylines(picture, [points], False, 40, max(2, height // 18), cv2.LINE_AA, 4)
    grain = np.random.default_rng(0).normal(0, 4, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def png(text: str, **how: int) -> bytes:
    """The same as a PNG file."""
    return cv2.imencode(".png", paint(text, **how))[1].tobytes()


def bind(kind: str, *texts: str) -> tuple[str, str, bytes]:
    """A file with a page for each text, to be dropped."""
    pages, file = [Image.fromarray(paint(text)) for text in texts], io.BytesIO()
    pages[0].save(file, kind, save_all=True, append_images=pages[1:], resolution=200)
    return f"form.{kind.lower()}", Image.MIME[kind], file.getvalue()


def test_a_chosen_picture_is_read_with_boxes_over_it(desk: Desk, tmp_path: Path) -> None:
    picture = tmp_path / "zip.png"
    picture.write_bytes(png("90210"))
    desk.page.set_input_files("#choose", picture)
    assert desk.wait() == "90210"
    _check_boxes(desk, "90210", paint("90210").shape)


def test_a_pasted_picture_is_read(desk: Desk) -> None:
    desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.page.evaluate(COPY, base64.b64encode(png("47")).decode())
    desk.press("Control+v")
    desk.page.wait_for_selector("#picture")
    assert desk.wait() == "47"
    _check_boxes(desk, "47", paint("47").shape)


def test_a_dropped_picture_is_read(desk: Desk) -> None:
    desk.drop(("line.png", "image/png", png("382")))
    desk.page.wait_for_selector("#picture")
    assert desk.wait() == "382"
    _check_boxes(desk, "382", paint("382").shape)
    assert "line.png" in desk.find("#name").text_content()


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, 1), (8, 3)])
def test_a_turned_photo_is_shown_upright_with_its_boxes(
    desk: Desk, orientation: int, turns: int
) -> None:
    photo, exif = Image.fromarray(np.rot90(paint("42"), turns)), Image.Exif()
    exif[ORIENTATION] = orientation
    file = io.BytesIO()
    photo.save(file, "JPEG", exif=exif, quality=95)
    desk.drop(("photo.jpg", "image/jpeg", file.getvalue()))
    desk.page.wait_for_selector("#picture")
    assert desk.wait() == "42"
    _check_boxes(desk, "42", paint("42").shape)
    _check_shown(desk, "42")


def test_several_pictures_are_leafed_through(desk: Desk) -> None:
    desk.drop(*((f"{text}.png", "image/png", png(text)) for text in ("12", "34")))
    desk.page.wait_for_selector("#picture")
    assert desk.wait() == "12"
    assert desk.find("#place").text_content() == "1 of 2"
    desk.page.click("#next")
    assert desk.wait() == "34"
    assert desk.find("#next").is_disabled()
    desk.page.click("#previous")
    assert desk.wait() == "12"


@pytest.mark.parametrize("kind", ["PDF", "TIFF"])
def test_each_page_of_a_file_is_shown_with_boxes_and_what_the_net_saw(
    desk: Desk, kind: str
) -> None:
    desk.drop(bind(kind, "56", "782"))
    for place, text in enumerate(("56", "782"), 1):
        desk.expect("#place", f"{place} of 2")
        assert desk.wait() == text
        _check_boxes(desk, text, paint(text).shape)
        _check_shown(desk, text)
        seen = desk.find(".card .head img")
        assert seen.count() == len(text)
        assert seen.first.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [28, 28]
        assert desk.find("#seen-line").is_visible()
        if place == 1:
            desk.page.click("#next")
    assert desk.find("#next").is_disabled()
    assert not desk.find("#no-preview").is_visible()


@pytest.mark.parametrize("kind", ["PDF", "TIFF"])
def test_two_keys_correct_a_page_and_it_alone_is_kept(
    desk: Desk, server: Server, kind: str
) -> None:
    desk.drop(bind(kind, "56", "782"))
    desk.expect("#place", "1 of 2")
    desk.wait()
    desk.page.check("#consent")
    desk.page.click("#next")
    assert desk.wait() == "782"
    desk.press("4")
    says = desk.text
    assert says in ("482", "742", "784")
    desk.press("Enter")
    desk.expect("#outcome", "Kept as")
    with Store(server.database) as store:
        kept = list(store)[-1]
    assert kept.text == says
    assert kept.reading is not None
    assert kept.reading["text"] == "782"
    assert not {"seen", "preview", "page"} & set(kept.reading)
    picture = cv2.imdecode(np.frombuffer(kept.picture, np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture.shape == paint("782").shape
    assert _likeness(picture, paint("782")) > 0.95


def test_a_high_page_and_many_cards_are_scrolled_to_the_marked_character(desk: Desk) -> None:
    characters = [
        {"text": "7", "box": [50, y, 80, y + 40], "confidence": 0.9, "alternatives": [["7", 0.9]]}
        for y in range(50, 3000, 100)
    ]
    reading = {
        "file": "form.pdf", "page": 1, "width": 600, "height": 3000, "text": "7" * len(characters),
        "accepted": True, "reason": None, "confidence": 0.9, "characters": characters,
        "model": "digits", "timings": {},
    }  # fmt: skip
    desk.page.route("**/v1/read/batch", lambda route: route.fulfill(json={"results": [reading]}))
    desk.drop(("form.pdf", "application/pdf", b""))
    desk.page.wait_for_selector("#picture .box")
    desk.wait()
    down = desk.page.evaluate("scrollY")
    for place in (len(characters) - 1, 0):
        for around, each in (("#picture", ".box"), ("#cards", ".card")):
            assert not _is_in_sight(desk, around, each, place)
        desk.find("#text .piece").nth(place).evaluate("piece => piece.click()")
        for around, each in (("#picture", ".box"), ("#cards", ".card")):
            assert _is_in_sight(desk, around, each, place)
    assert desk.page.evaluate("scrollY") == down  # the page itself stays


def test_a_picture_that_no_browser_shows_comes_with_a_preview(desk: Desk) -> None:
    content = cv2.imencode(".pgm", paint("38"))[1].tobytes()
    desk.drop(("line.pgm", "image/x-portable-graymap", content))
    desk.page.wait_for_selector("#picture .box")
    assert desk.wait() == "38"
    assert not desk.find("#pages").is_visible()
    _check_shown(desk, "38")


def test_a_page_that_cannot_be_read_says_so_and_can_be_left(desk: Desk, watch: Watch) -> None:
    problem = {"type": "about:blank", "title": "", "status": 422, "detail": "file: cut short"}

    def cut(route: Any) -> None:
        first, second = route.fetch().json()["results"]
        route.fulfill(json={"results": [first, {"file": second["file"], "error": problem}]})

    desk.page.route("**/v1/read/batch", cut)
    desk.drop(bind("PDF", "56", "78"))
    desk.expect("#place", "1 of 2")
    assert desk.wait() == "56"
    desk.page.click("#next")
    desk.expect("#notice", "cut short")
    assert desk.find("#place").text_content() == "2 of 2"
    assert desk.find("#next").is_disabled()
    assert desk.wait() == ""
    assert not desk.find("#frame").is_visible()
    assert not desk.find("#correction").is_visible()
    desk.page.click("#previous")
    assert desk.wait() == "56"
    assert desk.find("#notice").text_content() == ""
    _check_shown(desk, "56")


def test_options_chosen_later_leave_the_page(desk: Desk) -> None:
    desk.drop(bind("PDF", "56", "78"))
    desk.expect("#place", "1 of 2")
    desk.wait()
    desk.page.click("#next")
    assert desk.wait() == "78"
    desk.page.fill("#pattern", r"\d-\d")
    desk.expect("#text", "7-8", exactly=True)
    assert desk.find("#place").text_content() == "2 of 2"


def test_options_chosen_later_count_for_the_picture_too(desk: Desk) -> None:
    desk.drop(("line.png", "image/png", png("12345")))
    desk.page.wait_for_selector("#picture")
    assert desk.wait() == "12345"
    desk.page.fill("#pattern", r"\d{2} \d{3}")
    desk.expect("#text", "12 345", exactly=True)
    assert desk.find("#text .silent").text_content() == " "


def test_what_is_written_is_there_after_a_picture(desk: Desk) -> None:
    assert desk.write("7") == "7"
    desk.drop(("line.png", "image/png", png("12")))
    desk.page.wait_for_selector("#picture")
    assert desk.wait() == "12"
    desk.press("Escape")
    assert desk.find("#canvas").is_visible()
    desk.expect("#text", "7", exactly=True)
    assert desk.ink() > 0


def test_a_blank_picture_is_rejected_in_words(desk: Desk) -> None:
    _check_rejected(desk, np.full((90, 90), 240, np.uint8), "nothing written")


def test_a_speck_is_rejected_in_words(desk: Desk) -> None:
    _check_rejected(
        desk, np.pad(np.zeros((3, 4), np.uint8), 30, constant_values=255), "not look like"
    )


def test_text_that_is_dropped_is_refused_in_words(desk: Desk) -> None:
    desk.drop()
    assert "no picture" in desk.find("#notice").text_content()


def _check_rejected(desk: Desk, picture: np.ndarray, words: str) -> None:
    desk.drop(("picture.png", "image/png", cv2.imencode(".png", picture)[1].tobytes()))
    desk.page.wait_for_selector("#picture")
    desk.wait()
    assert desk.find("#verdict").text_content() == "Not accepted"
    assert words in desk.find("#reason").text_content()


def _check_boxes(desk: Desk, text: str, shape: tuple[int, ...]) -> None:
    """One box a digit, each around its place of the line."""
    frame = desk.find("#frame").bounding_box()
    assert frame["height"] / frame["width"] == pytest.approx(shape[0] / shape[1], rel=0.02)
    boxes = desk.find("#picture .box")
    assert boxes.count() == len(text)
    height = shape[0] / (1 + 2 / 3)
    for place, digit in enumerate(text):
        box = boxes.nth(place).bounding_box()
        middle = (box["x"] + box["width"] / 2 - frame["x"]) / frame["width"] * shape[1]
        start = height / 3 + place * 0.85 * height
        assert start < middle < start + 0.6 * height
        assert boxes.nth(place).locator("b").text_content() == digit
        assert "%" in boxes.nth(place).locator("i").text_content()


def _check_shown(desk: Desk, text: str) -> None:
    """The line of digits is what is seen, upright, without what lies over it."""
    desk.page.wait_for_selector("#image")
    desk.find("#boxes").evaluate("boxes => { boxes.hidden = true; }")
    shot = np.frombuffer(desk.find("#image").screenshot(), np.uint8)
    desk.find("#boxes").evaluate("boxes => { boxes.hidden = false; }")
    assert _likeness(cv2.imdecode(shot, cv2.IMREAD_GRAYSCALE), paint(text)) > 0.8


def _likeness(picture: np.ndarray, other: np.ndarray) -> float:
    """The correlation of their pixels, once they have one size."""
    size = (300, 100)
    grey = [cv2.resize(p, size, interpolation=cv2.INTER_AREA).ravel() for p in (picture, other)]
    return float(np.corrcoef(grey)[0, 1])


def _is_in_sight(desk: Desk, around: str, each: str, place: int) -> bool:
    outer = desk.find(around).bounding_box()
    inner = desk.find(f"{around} {each}").nth(place).bounding_box()
    bottom, limit = (box["y"] + box["height"] for box in (inner, outer))
    return bool(outer["y"] <= inner["y"] and bottom <= limit)
