"""Pictures that are brought to the page: chosen, pasted, dropped."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.browser.desk import Desk
from tests.browser.strokes import ROUND, trace

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


def test_a_turned_photo_has_its_boxes_where_the_ink_is_shown(desk: Desk) -> None:
    photo, exif = Image.fromarray(np.rot90(paint("42"))), Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter to the right
    file = io.BytesIO()
    photo.save(file, "JPEG", exif=exif, quality=95)
    desk.drop(("photo.jpg", "image/jpeg", file.getvalue()))
    desk.page.wait_for_selector("#picture")
    assert desk.wait() == "42"
    height, width = paint("42").shape
    shown = desk.find("#image").evaluate("image => [image.naturalHeight, image.naturalWidth]")
    assert shown == [height, width]
    _check_boxes(desk, "42", (height, width))


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


def test_the_pages_of_a_pdf_are_read_without_a_preview(desk: Desk) -> None:
    pages, file = [Image.fromarray(paint(text)) for text in ("56", "78")], io.BytesIO()
    pages[0].save(file, "PDF", save_all=True, append_images=pages[1:], resolution=100)
    desk.drop(("form.pdf", "application/pdf", file.getvalue()))
    desk.page.wait_for_selector("#picture")
    desk.wait()
    assert (desk.text, desk.find("#notice").text_content()) == ("56", "")
    assert desk.find("#place").text_content() == "1 of 2"
    assert desk.find("#no-preview").is_visible()
    assert desk.find("#picture .box").count() == 2
    assert not desk.find("#correction").is_visible()  # a correction belongs to a whole picture
    desk.page.click("#next")
    assert desk.wait() == "78"


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
