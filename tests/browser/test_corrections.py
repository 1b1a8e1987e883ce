"""Corrections: made with two keys, kept with consent only, deleted again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from tests.browser.conftest import Server, Watch
from tests.browser.desk import Desk
from tests.browser.test_pictures import png

from hdalr.service.database import Correction, Store


def test_two_keys_correct_a_reading_and_it_is_kept(desk: Desk, server: Server) -> None:
    desk.write("7")
    desk.page.check("#consent")
    desk.page.locator("#facts").click()
    desk.press("1", "Enter")
    kept = _await_kept(desk, server)
    assert kept.text == "1"
    assert kept.reading is not None
    assert kept.reading["text"] == "7"
    assert "seen" not in kept.reading
    assert kept.options == {"alphabet": "digits"}
    assert set(kept.models) >= {"digits"}
    picture = cv2.imdecode(np.frombuffer(kept.picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture.min() == 0
    assert picture.max() == 255
    assert (picture > 127).mean() > 0.5


def test_one_wrong_character_of_a_line_is_corrected_where_it_stands(
    desk: Desk, server: Server
) -> None:
    desk.write("472")
    desk.page.check("#consent")
    desk.find(".card .head").nth(1).click()
    desk.press("1")
    assert desk.text == "412"
    assert desk.find("#text .corrected").text_content() == "1"
    desk.press("Backspace")
    assert desk.text == "472"
    desk.press("1", "Enter")
    assert _await_kept(desk, server).text == "412"


def test_enter_sends_what_was_typed_after_a_button_was_pressed(desk: Desk, server: Server) -> None:
    desk.drop(*((f"{text}.png", "image/png", png(text)) for text in "758"))
    desk.expect("#place", "1 of 3")
    desk.wait()
    desk.page.check("#consent")
    desk.page.click("#next")
    assert desk.wait() == "5"
    desk.press("6", "Enter")
    assert _await_kept(desk, server).text == "6"
    assert desk.find("#place").text_content() == "2 of 3"
    desk.press("Enter")  # it is the button's again
    desk.expect("#place", "3 of 3")


def test_an_alternative_is_taken_by_a_click(desk: Desk, server: Server) -> None:
    desk.write("7")
    other = desk.find(".alternative b").nth(1).text_content()
    desk.find(".alternative").nth(1).click()
    assert desk.text == other
    assert desk.find("#truth").input_value() == other
    desk.page.check("#consent")
    desk.page.click("#keep")
    assert _await_kept(desk, server).text == other


def test_enter_opens_the_field_with_the_whole_text(desk: Desk, server: Server) -> None:
    desk.write("38")
    desk.page.check("#consent")
    desk.find("#facts").click()
    desk.press("Enter")
    desk.page.keyboard.type("389")
    assert desk.text == "389"
    desk.press("Enter")
    assert _await_kept(desk, server).text == "389"


def test_all_by_keyboard(desk: Desk, server: Server) -> None:
    _tab_to(desk, "canvas")
    desk.press("Space", *["ArrowDown"] * 12, "Space")
    assert desk.wait() == "1"
    before = _count(server)
    desk.press("7", "Enter")
    assert desk.page.evaluate("document.activeElement.id") == "consent"
    assert "consent" in desk.find("#outcome").text_content()
    assert _count(server) == before
    desk.press("Space", "Enter")
    assert _await_kept(desk, server).text == "7"
    _tab_to(desk, "", "Undo")
    desk.press("Enter")
    desk.expect("#outcome", "Deleted")
    assert _count(server) == before


def test_nothing_is_sent_without_consent(desk: Desk, server: Server, watch: Watch) -> None:
    before = _count(server)
    desk.write("7")
    assert not desk.find("#consent").is_checked()
    assert "picture" in desk.find("label.consent").first.text_content()
    desk.find("#facts").click()
    desk.press("1", "Enter")
    desk.page.wait_for_timeout(300)
    assert _count(server) == before
    assert not any("feedback" in request for request in watch.requests)
    assert desk.find("#truth").input_value() == "1"


def test_undo_deletes_what_was_kept(desk: Desk, server: Server) -> None:
    desk.write("7")
    before = _count(server)
    desk.page.check("#consent")
    desk.page.fill("#truth", "1")
    desk.press("Enter")
    kept = _await_kept(desk, server)
    desk.find("#outcome button").click()
    desk.expect("#outcome", "Deleted")
    assert _count(server) == before
    with Store(server.database) as store:
        assert store.get(kept.id) is None
    assert desk.find("#keep").is_enabled()


def test_all_that_was_kept_since_the_page_was_opened_can_be_deleted(
    desk: Desk, server: Server
) -> None:
    before = _count(server)
    for digit in "71":
        desk.write(digit)
        desk.page.check("#consent")
        desk.page.click("#keep")
        _await_kept(desk, server)
        desk.page.click("#clear")
        desk.wait()
    desk.write("3")
    desk.expect("#outcome", "2 of mine are kept")
    desk.page.click("#keep")
    _await_kept(desk, server)
    assert _count(server) == before + 3
    desk.page.click("#clear")
    desk.wait()
    desk.write("3")
    desk.find("#outcome button").click()
    desk.expect("#outcome", "Deleted")
    assert _count(server) == before


def test_escape_drops_a_correction_and_then_the_ink(desk: Desk) -> None:
    desk.write("7")
    desk.find("#facts").click()
    desk.press("1")
    assert desk.text == "1"
    desk.press("Escape")
    assert desk.text == "7"
    desk.press("Escape")
    assert desk.wait() == ""


def test_keys_do_nothing_once_they_are_switched_off(desk: Desk) -> None:
    desk.write("7")
    desk.page.click("summary")
    desk.page.uncheck("#keys-work")
    desk.find("#facts").click()
    desk.press("1")
    assert desk.text == "7"


def test_a_correction_that_is_not_taken_is_still_there(desk: Desk, watch: Watch) -> None:
    large = {"type": "about:blank", "title": "", "status": 413, "detail": "too much"}
    watch.expected.append("status of 413")
    desk.page.route(
        "**/v1/feedback",
        lambda route: route.fulfill(
            status=413, json=large, content_type="application/problem+json"
        ),
    )
    desk.write("7")
    desk.page.check("#consent")
    desk.page.fill("#truth", "1")
    desk.press("Enter")
    desk.expect("#outcome", "Not kept")
    assert desk.find("#truth").input_value() == "1"
    assert desk.find("#keep").is_enabled()


def test_a_server_that_keeps_nothing_is_not_offered_corrections(
    open_desk: Callable[..., Desk],
) -> None:
    desk = open_desk("#alphabet=digits")

    def without(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(json={**answer.json(), "feedback": False})

    desk.page.route("**/v1/models", without)
    desk.page.reload()
    desk = Desk(desk.page)
    desk.write("7")
    assert not desk.find("#correction").is_visible()
    desk.find("#facts").click()
    desk.press("1", "Enter")
    assert desk.text == "7"


def _await_kept(desk: Desk, server: Server) -> Correction:
    """The newest correction, once the page says that it is kept."""
    desk.expect("#outcome", "Kept as")
    with Store(server.database) as store:
        return list(store)[-1]


def _count(server: Server) -> int:
    with Store(server.database) as store:
        return store.count()


def _tab_to(desk: Desk, id: str, text: str = "") -> None:
    for _ in range(40):
        desk.press("Tab")
        focus = "[document.activeElement.id, document.activeElement.textContent]"
        found = desk.page.evaluate(focus)
        if found[0] == id and text in found[1]:
            return
    raise AssertionError(f"{id or text} cannot be reached with Tab")
