"""The page as a test uses it: writing on it, waiting for the reading, looking at what it shows."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from tests.browser.strokes import ROUND, Point, Shape, trace

ADVANCE = 0.85  # from digit to digit of a line, in their height
FILES = """pictures => {
    const transfer = new DataTransfer();
    for (const [name, type, content] of pictures) {
        const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name, {type}));
    }
    return transfer;
}"""


class Desk:
    """The page and what one does on it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        page.wait_for_selector("#alphabet option:nth-child(4)", state="attached")

    @property
    def text(self) -> str:
        """The reading."""
        return str(self.page.locator("#text").text_content())

    @property
    def characters(self) -> list[str]:
        """What the cards say, one a character."""
        return list(self.page.locator(".card .head b").all_text_contents())

    def find(self, selector: str) -> Any:
        """A part of the page."""
        return self.page.locator(selector)

    def expect(self, selector: str, words: str, exactly: bool = False) -> None:
        """Wait until a part of the page says that."""
        from playwright.sync_api import expect

        said = expect(self.page.locator(selector))
        if exactly:
            said.to_have_text(words, timeout=60_000)
        else:
            said.to_contain_text(words, timeout=60_000)

    def wait(self) -> str:
        """Wait until all is read; the reading."""
        self.page.wait_for_selector("#answer[aria-busy=false]")
        return self.text

    def write(self, text: str, hand: dict[str, Shape] = ROUND, height: float = 0.55) -> str:
        """Write digits with the mouse, as high as that share of the paper; the reading."""
        for stroke in self.place(text, hand, height):
            self.draw(stroke)
        return self.wait()

    def place(
        self, text: str, hand: dict[str, Shape] = ROUND, height: float = 0.55
    ) -> list[list[Point]]:
        """The strokes of a line of digits on the paper, in pixels of the page."""
        paper = self.find("#canvas").bounding_box()
        tall = min(height * paper["height"], 0.9 * paper["width"] / (ADVANCE * len(text)))
        left = paper["x"] + (paper["width"] - ADVANCE * tall * len(text)) / 2
        top = paper["y"] + 0.15 * paper["height"]
        return [
            stroke
            for place, digit in enumerate(text)
            for stroke in trace(hand[digit], left + place * ADVANCE * tall, top, tall)
        ]

    def draw(self, stroke: Sequence[Point]) -> None:
        """One stroke with the mouse."""
        mouse = self.page.mouse
        mouse.move(*stroke[0])
        mouse.down()
        for point in stroke[1:]:
            mouse.move(*point)
        mouse.up()

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def drop(self, *pictures: tuple[str, str, bytes]) -> None:
        """Drop files, each given by name, type and content."""
        coded = [[name, kind, base64.b64encode(data).decode()] for name, kind, data in pictures]
        transfer = self.page.evaluate_handle(FILES, coded)
        for event in ("dragenter", "dragover", "drop"):
            self.page.dispatch_event("main", event, {"dataTransfer": transfer})

    def ink(self) -> int:
        """Pixels of the paper that are written on."""
        return int(
            self.page.evaluate("""() => {
                const canvas = document.querySelector("#canvas");
                const whole = [0, 0, canvas.width, canvas.height];
                const {data} = canvas.getContext("2d").getImageData(...whole);
                let count = 0;
                for (let place = 3; place < data.length; place += 4) count += data[place] > 127;
                return count;
            }""")
        )
