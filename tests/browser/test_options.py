"""What may be written, the page's address, the token, and what the server has against it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.browser.conftest import TOKEN, Server, Watch
from tests.browser.desk import Desk


def test_the_alphabet_is_the_one_that_is_chosen(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    offered = desk.find("#alphabet option").all_text_contents()
    assert "Digits 0–9" in offered
    desk.page.select_option("#alphabet", "upper")
    assert desk.write("0").upper() in ("O", "D", "Q", "U")
    desk.page.select_option("#alphabet", "digits")
    desk.expect("#text", "0", exactly=True)
    assert "alphabet=digits" in desk.page.url


def test_characters_of_ones_own(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.page.select_option("#alphabet", "chars:")
    desk.page.fill("#own", "123")
    desk.wait()
    assert desk.write("7") in ("1", "2", "3")
    assert "alphabet=chars%3A123" in desk.page.url


def test_a_pattern_is_kept_in_the_address(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(r"#alphabet=digits&pattern=\d{2}-\d{2}&case=upper&as=line")
    assert desk.find("#pattern").input_value() == r"\d{2}-\d{2}"
    assert desk.find("#case").is_visible()
    assert desk.find("#case").input_value() == "upper"
    assert desk.write("4713") == "47-13"
    desk.page.reload()
    assert desk.find("#pattern").input_value() == r"\d{2}-\d{2}"


def test_a_bad_pattern_is_told_at_its_field(desk: Desk, watch: Watch) -> None:
    watch.expected.append("status of 422")
    desk.write("7")
    desk.page.fill("#pattern", r"\d{")
    desk.page.wait_for_selector("#pattern-wrong")
    assert "character 3" in desk.find("#pattern-wrong").text_content()
    assert desk.find("#pattern").get_attribute("aria-invalid") == "true"
    assert desk.text == "7"
    desk.page.fill("#pattern", r"\d")
    desk.page.wait_for_selector("#pattern-wrong", state="hidden")
    assert desk.wait() == "7"
    assert desk.find("#pattern").get_attribute("aria-invalid") is None


def test_a_bad_pattern_is_told_before_anything_is_written(desk: Desk, watch: Watch) -> None:
    watch.expected.append("status of 422")
    desk.page.fill("#pattern", "(")
    desk.page.wait_for_selector("#pattern-wrong")


def test_the_token_is_asked_for_and_kept_for_the_tab(
    open_desk: Callable[..., Desk], closed_server: Server, watch: Watch
) -> None:
    watch.expected.append("status of 401")
    desk = open_desk("#alphabet=digits", url=closed_server.url)
    for stroke in desk.place("7"):
        desk.draw(stroke)
    desk.page.wait_for_selector("#token[open]")
    desk.page.keyboard.type("not-the-right-token")
    desk.press("Enter")
    desk.page.wait_for_selector("#token-wrong")
    desk.page.keyboard.type(TOKEN)
    desk.press("Enter")
    assert desk.wait() == "7"
    assert desk.page.evaluate("sessionStorage.getItem('hdalr-token')") == TOKEN
    assert desk.page.evaluate("localStorage.length") == 0
    assert desk.page.context.cookies() == []
    desk.page.reload()
    assert Desk(desk.page).write("1") == "1"
    assert not desk.find("#token").is_visible()


def test_a_token_that_is_not_given_leaves_the_writing(
    open_desk: Callable[..., Desk], closed_server: Server
) -> None:
    desk = open_desk(url=closed_server.url)
    (stroke,) = desk.place("3")
    desk.draw(stroke)
    desk.page.wait_for_selector("#token[open]")
    desk.press("Escape")
    desk.expect("#notice", "token")
    assert desk.ink() > 0


def test_a_server_that_is_away_loses_nothing(desk: Desk, watch: Watch) -> None:
    watch.expected.append("net::ERR_FAILED")
    desk.page.route("**/v1/read", lambda route: route.abort())
    (stroke,) = desk.place("3")
    desk.draw(stroke)
    desk.expect("#notice", "does not answer")
    desk.page.unroute("**/v1/read")
    assert desk.wait() == "3"
    assert not desk.find("#notice").is_visible()


def test_a_busy_server_is_asked_again_after_its_time(desk: Desk, watch: Watch) -> None:
    watch.expected.append("status of 429")
    busy = {"status": 429, "headers": {"Retry-After": "1"}, "body": "{}"}
    desk.page.route("**/v1/read", lambda route: route.fulfill(**busy))
    (stroke,) = desk.place("3")
    desk.draw(stroke)
    desk.expect("#notice", "again in 1 s")
    desk.page.unroute("**/v1/read")
    assert desk.wait() == "3"
    assert not desk.find("#notice").is_visible()


def test_files_that_are_refused_are_told_in_words(desk: Desk, watch: Watch, tmp_path: Path) -> None:
    watch.expected += ["status of 413", "status of 415", "status of 422"]
    desk.drop(("notes.txt", "text/plain", b"no picture at all"))
    desk.expect("#notice", "not a picture")
    desk.press("Escape")
    desk.wait()
    huge = tmp_path / "huge.png"
    huge.write_bytes(bytes(21_000_000))
    desk.page.set_input_files("#choose", huge)
    desk.expect("#notice", "larger than")
    desk.press("Escape")
    desk.wait()
    desk.drop(("half.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes(40)))
    desk.expect("#notice", "cannot be read")


def test_what_a_server_says_stays_text(desk: Desk) -> None:
    evil = "<img src=x onerror=alert(1)>"
    character = {"text": evil, "box": [0, 0, 9, 9], "confidence": 0.5, "alternatives": [[evil, 1]]}
    reading = {
        "text": evil, "accepted": False, "reason": "ambiguous", "confidence": 0.5,
        "characters": [character], "model": evil, "timings": {}, "width": 9, "height": 9,
    }  # fmt: skip
    desk.page.route("**/v1/read", lambda route: route.fulfill(json=reading))
    (stroke,) = desk.place("3")
    desk.draw(stroke)
    assert desk.wait() == evil
    assert desk.find("#answer img[src=x]").count() == 0
