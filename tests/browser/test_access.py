"""The page for all: assistive technology, small screens, dark rooms; and nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.browser.desk import Desk
from tests.browser.test_pictures import bind, png


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_desk: Callable[..., Desk], scheme: str) -> None:
    desk = open_desk("#alphabet=digits", color_scheme=scheme, reduced_motion="reduce")
    assert _serious(desk.page) == []
    desk.page.click("#more")
    desk.page.click("summary")
    desk.write("408")
    assert _serious(desk.page) == []
    desk.find("#facts").click()
    desk.press("5", "Enter")  # a correction, and the word that consent is missing
    assert _serious(desk.page) == []
    desk.drop(("a.png", "image/png", png("12")), bind("PDF", "3", "4"))
    desk.page.wait_for_selector("#picture")
    desk.wait()
    assert _serious(desk.page) == []
    desk.page.click("#next")
    desk.expect("#place", "2 of 3")
    desk.wait()
    assert _serious(desk.page) == []


def test_axe_finds_nothing_serious_in_what_goes_wrong(
    open_desk: Callable[..., Desk], watch: Any
) -> None:
    watch.expected.append("status of 422")
    desk = open_desk()
    desk.page.fill("#pattern", "(")
    desk.page.wait_for_selector("#pattern-wrong")
    assert _serious(desk.page) == []


def test_axe_finds_nothing_serious_in_the_dialog(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    desk.page.evaluate("document.querySelector('#token').showModal()")
    assert _serious(desk.page) == []


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_has_to_be_scrolled_sideways(open_desk: Callable[..., Desk], width: int) -> None:
    desk = open_desk("#alphabet=digits", viewport={"width": width, "height": 800})
    desk.page.click("#more")
    desk.write("40713")
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= width
    desk.drop(bind("PDF", "1234567890", "5"))
    desk.page.wait_for_selector("#picture")
    desk.wait()
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_paper_is_light_in_the_dark(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk(color_scheme="dark")
    colour = "element => getComputedStyle(element).backgroundColor.match(/[0-9]+/g).map(Number)"
    assert min(desk.find("#paper").evaluate(colour)) > 200
    assert max(desk.find("body").evaluate(colour)) < 60


def test_the_reading_is_announced(desk: Desk) -> None:
    desk.write("7")
    desk.expect("#live", "Read: 7, ")
    assert desk.find("#live").get_attribute("aria-live") == "polite"


def test_every_control_has_a_name_and_a_visible_focus(desk: Desk) -> None:
    desk.write("7")
    focused = """() => {
        const {outlineStyle} = getComputedStyle(document.activeElement);
        return [document.activeElement.tagName, outlineStyle];
    }"""
    desk.page.evaluate("document.activeElement.blur()")
    seen = set()
    for _ in range(22):
        desk.press("Tab")
        name, outline = desk.page.evaluate(focused)
        seen.add(name)
        if name != "BODY":
            assert outline != "none"
    assert {"BUTTON", "SELECT", "INPUT", "CANVAS", "TEXTAREA", "SUMMARY"} <= seen


def test_arrow_keys_go_from_card_to_card(desk: Desk) -> None:
    desk.write("472")
    desk.find(".card .head").first.focus()
    desk.press("ArrowRight", "ArrowRight")
    assert "3 of 3" in desk.page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert desk.find(".card.selected .head b").text_content() == "2"
    assert desk.find("#ink-boxes .selected").count() == 1


def test_the_report_is_loaded_when_its_tab_is_opened(desk: Desk, watch: Any) -> None:
    assert not any(request.endswith("/report") for request in watch.requests)
    desk.find("#tab-read").focus()
    desk.press("ArrowRight")
    assert desk.page.evaluate("document.activeElement.id") == "tab-report"
    assert desk.find("#tab-report").get_attribute("aria-selected") == "true"
    assert desk.find("#report").is_visible()
    assert not desk.find("#read").is_visible()
    frame = desk.page.frame_locator("#report iframe")
    assert "report" in frame.locator("h1").text_content().lower()
    assert "tab=report" in desk.page.url
    desk.press("Home")
    assert desk.find("#canvas").is_visible()
    assert any(request.endswith("/report") for request in watch.requests)


def test_the_report_can_be_addressed(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk("#tab=report")
    assert desk.find("#report").is_visible()


def test_the_policy_of_the_page_holds(desk: Desk) -> None:
    answer = desk.page.request.get(desk.page.url.split("#")[0])
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    html = answer.text()
    assert " style=" not in html
    assert "<style" not in html


def _serious(page: Any) -> list[str]:
    """Axe's findings of some weight, in a line each."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page, options={"resultTypes": ["violations"], "iframes": False})
    return [
        f"{finding['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for finding in found.response["violations"]
        if finding["impact"] in ("serious", "critical")
        for node in finding["nodes"]
    ]
