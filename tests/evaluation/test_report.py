import re
import shutil
from html.parser import HTMLParser

import numpy as np
import pytest

from hdalr.errors import StorageError
from hdalr.evaluation.report import write_report

VOID = {"meta", "img", "br", "link", "input", "hr"}
HOSTILE = "<script>alert(1)</script>|*"


class Page(HTMLParser):
    """Tags, ids and addresses of a page; fails on a tag that is not closed in its place."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.ids, self.addresses = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for key, value in attrs if key == "id"]
        self.addresses += [value for key, value in attrs if key in ("src", "href", "xlink:href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def named(self, wanted):
        return [attributes for tag, attributes in self.tags if tag == wanted]


@pytest.fixture(scope="module")
def invented():
    from importlib.util import module_from_spec, spec_from_file_location
    from pathlib import Path

    spec = spec_from_file_location("invented_results", Path(__file__).with_name("conftest.py"))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def mnist(invented, tmp_path_factory):
    """A report on four rows of an invented MNIST run."""
    folder = tmp_path_factory.mktemp("mnist")
    rows = [invented.ROWS[place] for place in (0, 3, 6, 9)]
    invented.write_results(folder, rows=rows)
    write_report(folder)
    return folder


@pytest.fixture(scope="module")
def digits(invented, tmp_path_factory):
    """A report on four rows with two seeds each, with pictures, hostile names and all sections."""
    folder = tmp_path_factory.mktemp("digits")
    names = (HOSTILE, *invented.DIGITS[1:])
    rows = [(*invented.ROWS[0][:1], f"Tree {HOSTILE}", *invented.ROWS[0][2:])]
    # Three rows so much alike and so bad that some images are read wrong by all of them.
    rows += [(*invented.ROWS[place][:3], 0.5, *invented.ROWS[place][4:]) for place in (2, 7, 9)]
    rows[0] = (*rows[0][:3], 0.5, *rows[0][4:])
    how = {"dataset": "digits", "classes": names, "n_test": 200, "seeds": 2, "beyond": True}
    invented.write_results(folder, rows=rows, **how)
    failure = folder / "failures" / "paper.cnn-emnist-seed0.json"
    failure.write_text(failure.read_text().replace("its 47 classes", HOSTILE))
    pictures = {"digits-200": np.zeros((200, 28, 28), np.uint8)}
    write_report(folder, pictures)
    return folder


@pytest.fixture(params=["mnist", "digits"])
def page(request):
    folder = request.getfixturevalue(request.param)
    return Page((folder / "report.html").read_text())


def test_every_tag_is_closed_and_every_id_is_unique(page):
    assert len(page.ids) == len(set(page.ids))
    inner = {address[1:] for address in page.addresses if address.startswith("#")}
    assert inner <= set(page.ids)


def test_every_figure_and_picture_has_an_alternative_text(page):
    assert len(page.named("svg")) > 5
    for svg in page.named("svg"):
        assert svg["role"] == "img"
        assert set(svg["aria-labelledby"].split()) <= set(page.ids)
    assert all(img["alt"] for img in page.named("img"))


def test_every_table_has_a_caption(page):
    assert len(page.named("table")) == len(page.named("caption")) > 5


def test_nothing_is_fetched_and_nothing_runs(page, digits):
    assert all(address.startswith(("#", "data:")) for address in page.addresses)
    assert not page.named("script")
    assert not page.named("link")
    html = (digits / "report.html").read_text()
    assert not re.search(r"@import|url\((?!#)", html)


def test_no_figure_is_missing_a_number(mnist, digits):
    for folder in (mnist, digits):
        for name in ("report.html", "report.md"):
            missing = r"[>|]\s*(nan|None|Undefined|inf)\s*[<|]"
            assert not re.search(missing, (folder / name).read_text())
        assert not re.search(r",(nan|None|inf),", (folder / "results.csv").read_text())


def test_hostile_names_and_reasons_are_shown_as_text(digits):
    html, text = ((digits / name).read_text() for name in ("report.html", "report.md"))
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert not re.search(r"(?<!\\)<script", text)
    for svg in (digits / "figures").glob("*.svg"):
        assert "<script" not in svg.read_text()


def test_the_papers_figures_stand_beside_mnist_only(mnist, digits):
    for name in ("report.html", "report.md"):
        assert "80.60 (test)" in (mnist / name).read_text()
        assert "66.70" in (mnist / name).read_text()
        text = (digits / name).read_text()
        assert "(validation)" not in text
        assert "Its figures say nothing about digits" in text


def test_a_row_that_cannot_run_says_why_in_its_place(mnist):
    html = (mnist / "report.html").read_text()
    places = [html.index(f"<code>{name}</code>") for name in ("paper.decision-tree",
              "paper.cnn-emnist", "paper.naive-bayes")]  # fmt: skip
    assert places == sorted(places)
    assert "not applicable: its 47 classes are not those of this set" in html


def test_demo_parameters_are_shown_in_their_row(digits):
    assert "demo: epochs 12 instead of 30" in (digits / "report.html").read_text()
    assert "demo: epochs 12 instead of 30" in (digits / "report.md").read_text()


def test_one_run_has_an_interval_and_several_a_spread(mnist, digits):
    assert "one run)" in (mnist / "report.html").read_text()
    assert "mean of 2 seeds" in (digits / "report.html").read_text()


def test_worst_errors_are_shown_where_the_pictures_are(mnist, digits):
    assert "test images, which were not at hand" in (mnist / "report.html").read_text()
    assert Page((digits / "report.html").read_text()).named("img")


def test_every_figure_of_the_paper_is_there(mnist):
    text = (mnist / "report.md").read_text()
    for number in (1, 2, 6, 7, 8):
        assert f"After the paper's Fig. {number}." in text
    assert "After the paper's Fig. 9 and 10" in text


def test_every_picture_that_the_markdown_shows_is_a_file_and_no_other(mnist):
    shown = set(re.findall(r"\((figures/[^)]+\.svg)\)", (mnist / "report.md").read_text()))
    files = {f"figures/{path.name}" for path in (mnist / "figures").iterdir()}
    assert shown == files


def test_markdown_tables_have_as_many_cells_in_every_line(mnist, digits):
    for folder in (mnist, digits):
        text = (folder / "report.md").read_text()
        for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
            counts = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
            assert len(counts) == 1, table


def test_made_again_from_records_alone_it_is_the_same(invented, tmp_path):
    invented.write_results(tmp_path, rows=invented.ROWS[9:10], n_test=100)
    first = {path.name: path.read_bytes() for path in write_report(tmp_path)}
    shutil.rmtree(tmp_path / "figures")
    for name in ("report.html", "report.md", "results.csv"):
        (tmp_path / name).unlink()
    assert first == {path.name: path.read_bytes() for path in write_report(tmp_path)}


def test_a_folder_of_failures_alone_gives_a_report(invented, tmp_path):
    invented.write_results(tmp_path, rows=())
    write_report(tmp_path)
    assert "No row finished." in (tmp_path / "report.html").read_text()
    Page((tmp_path / "report.html").read_text())


def test_a_report_that_cannot_be_written_is_named(invented, tmp_path):
    invented.write_results(tmp_path, rows=())
    (tmp_path / "report.html").mkdir()
    with pytest.raises(StorageError, match=r"report\.html: could not be written"):
        write_report(tmp_path)


SECTIONS = ("doubts", "corruptions", "transfer", "sizes")


def test_what_was_judged_beyond_the_test_part_has_its_section(digits):
    page = Page((digits / "report.html").read_text())
    assert set(SECTIONS) <= set(page.ids)
    assert {f"#{name}" for name in SECTIONS} <= set(page.addresses)
    text = (digits / "report.md").read_text()
    for head in ("Labels in doubt", "Corrupted images", "Other people's digits"):
        assert f"\n## {head}\n" in text
    assert "semeion, development (100 images)" in text
    assert "](figures/growth.svg)" in text


def test_what_was_not_judged_has_no_section(mnist):
    page = Page((mnist / "report.html").read_text())
    assert not {"corruptions", "transfer", "sizes"} & set(page.ids)
    assert "## Corrupted images" not in (mnist / "report.md").read_text()
    assert not (mnist / "figures" / "growth.svg").exists()


def test_error_stands_against_both_costs(mnist):
    text = (mnist / "report.md").read_text()
    assert "](figures/cost-fit.svg)" in text
    assert "](figures/cost-predict.svg)" in text
    assert "unbeaten for its time to" in text


def test_labels_in_doubt_are_shown_as_pictures_where_they_are_at_hand(digits):
    shown = [img["alt"] for img in Page((digits / "report.html").read_text()).named("img")]
    assert [alt for alt in shown if alt.startswith("Number ")]


def test_labels_in_doubt_are_a_table_where_the_pictures_are_not_at_hand(invented, tmp_path):
    rows = [(*row[:3], 0.3, *row[4:]) for row in invented.ROWS[1:4]]
    invented.write_results(tmp_path, rows=rows, n_test=50)
    write_report(tmp_path)
    assert "the images were not at hand" in (tmp_path / "report.html").read_text()


def test_one_row_alone_has_no_frontier(invented, tmp_path):
    invented.write_results(tmp_path, rows=invented.ROWS[:1], n_test=100)
    write_report(tmp_path)
    assert "frontier" not in (tmp_path / "report.html").read_text()
