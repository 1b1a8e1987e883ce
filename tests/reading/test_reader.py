"""The reader from a picture to its text, with bundles that know drawn characters."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image
from tests.reading.drawing import draw_character, draw_lines, draw_text, template_bundles

from hdalr import Reader, Reading
from hdalr.bundles import Calibration, list_bundles, load_bundle
from hdalr.errors import DataError, HdalrError, ParameterError, UnknownNameError
from hdalr.reading import reader as reader_module
from hdalr.reading import strings
from hdalr.reading.library import Library
from hdalr.reading.plan import Plan
from hdalr.reading.request import Request

LABELS = "0123456789ABCEFHKLMNPRTUXYZabdeht"
FIELDS = ["text", "accepted", "reason", "confidence", "characters", "model", "timings"]


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader([*template_bundles(LABELS)])


def scrawl() -> np.ndarray:
    """Ink that is no character."""
    rng = np.random.default_rng(3)
    ink = (rng.random((40, 40)) < 0.5).astype(np.uint8) * 200
    return np.pad(235 - ink, 20, constant_values=235).astype(np.uint8)


@pytest.mark.parametrize("character", "2457AEHKNab")
def test_a_character_is_read_with_its_box_and_alternatives(reader, character):
    reading = reader.read(draw_text(character))
    height, width = draw_character(character).shape
    assert (reading.text, reading.accepted, reading.reason) == (character, True, None)
    (found,) = reading.characters
    assert found.text == character
    assert len(found.alternatives) == 3
    assert found.alternatives[0] == (character, found.confidence)
    assert abs(found.box.top - 20) <= 2
    assert abs(found.box.left - 20) <= 2
    assert abs(found.box.bottom - 20 - height) <= 2
    assert abs(found.box.right - 20 - width) <= 2


@pytest.mark.parametrize("engine", ["both", "ctc"])
def test_a_line_is_read_with_a_box_a_character(reader, engine):
    reading = reader.read(draw_text("4207"), engine=engine)
    assert (reading.text, reading.accepted) == ("4207", True)
    lefts = [character.box.left for character in reading.characters]
    assert lefts == sorted(lefts)
    assert "".join(character.text for character in reading.characters) == "4207"


def test_lines_are_joined(reader):
    page = draw_lines("4207", "77AE", "E5H2")
    reading = reader.read(page)
    assert reading.text == "4207\n77AE\nE5H2"
    assert 0.5 < reading.confidence < 1
    assert len(reading.characters) == 12
    bottoms = [reading.characters[number].box.bottom for number in (0, 4, 8)]
    assert bottoms == sorted(bottoms)
    assert bottoms[-1] > page.shape[0] * 2 / 3


def test_polarity_does_not_matter(reader):
    picture = draw_text("42")
    assert reader.read(255 - picture).text == reader.read(picture).text == "42"


def test_a_pattern_writes_its_separators(reader):
    reading = reader.read(draw_text("12345"), pattern=r"\d{3}-\d{2}")
    assert reading.text == "123-45"
    assert [character.text for character in reading.characters] == list("12345")


def test_a_forbidden_character_is_not_made_into_a_sure_one(reader):
    """The mistake of masking first: a letter among digits would be a digit at 100 %."""
    reading = reader.read(draw_text("K"), alphabet="chars:0123456789")
    assert reading.text in LABELS[:10]
    assert (reading.accepted, reading.reason) == (False, "pattern")
    assert reading.confidence < 0.1
    assert reading.characters[0].alternatives[0][0] == "K"


def test_a_forbidden_character_in_a_line_is_told(reader):
    for options in ({"engine": "ctc"}, {}):
        reading = reader.read(draw_text("1K7"), pattern=r"\d{3}", **options)
        assert len(reading.text) == 3
        assert (reading.accepted, reading.reason) == (False, "pattern")


def test_a_look_alike_counts_for_what_may_stand():
    reader = Reader([*template_bundles("01478AO")])
    reading = reader.read(draw_text("O"), alphabet="chars:0147")
    assert (reading.text, reading.accepted) == ("0", True)


def test_a_lexicon_gives_a_word_or_says_that_it_is_none(reader):
    assert reader.read(draw_text("HEAT"), lexicon=["HEAT", "HEN"]).text == "HEAT"
    reading = reader.read(draw_text("HEAT"), lexicon=["NUT", "4711"])
    assert (reading.accepted, reading.reason) == (False, "pattern")


def test_a_check_chooses_among_the_texts(reader):
    assert reader.read(draw_text("4242"), pattern=r"\d{4}", check="luhn").text == "4242"


@pytest.mark.parametrize(
    ("case", "expected"), [("keep", "a"), ("upper", "A"), ("lower", "a"), ("fold", "a")]
)
def test_case_of_a_character(reader, case, expected):
    assert reader.read(draw_text("a"), case=case).text == expected


@pytest.mark.parametrize("text", ["a", "aT"])
def test_folded_case_is_written_as_the_pattern_demands(reader, text):
    reading = reader.read(draw_text(text), case="fold", pattern="[A-Z]+")
    assert (reading.text, reading.accepted) == (text.upper(), True)


def test_n_best_texts_come_with_the_best_first(reader):
    reading = reader.read(draw_text("42"), n_best=4)
    assert reading.alternatives[0] == (reading.text, reading.confidence)
    chances = [chance for _, chance in reading.alternatives]
    assert len(chances) == 4
    assert chances == sorted(chances, reverse=True)
    assert reader.read(draw_text("42")).alternatives == ()


def test_blank_paper_is_blank(reader):
    for level in (0, 128, 255):
        reading = reader.read(np.full((50, 80), level, np.uint8))
        assert (reading.text, reading.accepted, reading.reason) == ("", False, "blank")
        assert (reading.confidence, reading.characters) == (0.0, ())


def test_a_scrawl_is_no_character(reader):
    reading = reader.read(scrawl(), layout="character")
    assert (reading.accepted, reading.reason) == (False, "not-a-character")


def test_tiny_writing_is_of_low_quality(reader):
    picture = np.full((20, 20), 235, np.uint8)
    picture[8:12, 9:11] = 20
    assert reader.read(picture, layout="character").reason in ("low-quality", "not-a-character")


def test_max_error_takes_the_threshold_of_the_bundle():
    strict = Reader([*template_bundles(LABELS, Calibration(thresholds=((0.01, None),)))])
    picture = draw_text("4")
    assert strict.read(picture).accepted
    reading = strict.read(picture, max_error=0.01)
    assert (reading.text, reading.accepted, reading.reason) == ("4", False, "ambiguous")


def test_weights_of_a_calibration_make_the_confidence():
    calibration = Calibration(intercept=-3.0, weights={"length": 0.0, "fit": 0.0, "none": 0.0})
    reader = Reader(template_bundles(LABELS, calibration)[1])
    assert reader.read(draw_text("42")).confidence == pytest.approx(1 / (1 + np.e**3))


def test_the_result_as_json_has_the_agreed_fields(reader):
    content = reader.read(draw_text("42")).to_dict()
    assert list(content) == FIELDS
    assert list(content["characters"][0]) == ["text", "box", "confidence", "alternatives"]
    assert list(content["timings"]) == ["door", "ink", "rules", "layout", "read"]
    json.dumps(content, allow_nan=False)


def test_pages_come_one_after_the_other(reader, tmp_path):
    first, *rest = [Image.fromarray(draw_text(text)) for text in ("42", "7", "AE")]
    path = tmp_path / "pages.tiff"
    first.save(path, save_all=True, append_images=rest)
    assert [reading.text for reading in reader.read_pages(path)] == ["42", "7", "AE"]
    with pytest.raises(DataError, match=r"several pages; use Reader\.read_pages"):
        reader.read(path)


def test_eight_threads_read_what_one_reads():
    characters, lines = template_bundles(LABELS)
    texts = ["42", "7", "AE", "H4", "1234", "K"] * 8
    pictures = [draw_text(text) for text in texts]
    reader = Reader([characters, lines])
    barrier = threading.Barrier(8)

    def read(number: int) -> str:
        if number < 8:
            barrier.wait()
        return reader.read(pictures[number], pattern=r"[0-9A-Z]+").text

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(len(texts)))) == texts


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"alphabet": "digit"}, UnknownNameError, "did you mean 'digits'"),
        ({"alphabet": "devanagari"}, ParameterError, "no model reads all of"),
        ({"pattern": "("}, ParameterError, "pattern"),
        ({"pattern": 7}, ParameterError, "expected a text"),
        ({"pattern": "(((a{99}){99}){99}){99}"}, ParameterError, "pattern"),
        ({"lexicon": "word"}, ParameterError, "expected a sequence of words"),
        ({"lexicon": []}, ParameterError, "no words"),
        ({"lexicon": ["HEAT"], "pattern": r"\d"}, ParameterError, "none of the 1 words"),
        ({"check": "lun"}, UnknownNameError, "did you mean 'luhn'"),
        ({"max_error": float("nan")}, ParameterError, "a number from 0 to 1"),
        ({"max_error": 0}, ParameterError, "more than 0"),
        ({"max_error": "0.1"}, ParameterError, "a number from 0 to 1"),
        ({"layout": "page"}, UnknownNameError, "choices: character, line, lines"),
        ({"case": "title"}, UnknownNameError, "choices: fold, keep, lower, upper"),
        ({"engine": "tesseract"}, UnknownNameError, "choices: both, ctc, lattice"),
        ({"n_best": 0}, ParameterError, "a whole number from 1 to 1000"),
        ({"n_best": True}, ParameterError, "a whole number"),
        ({"patern": "x"}, UnknownNameError, "did you mean 'pattern'"),
    ],
)
def test_wrong_options_are_named(reader, options, error, message):
    with pytest.raises(error, match=message):
        reader.read(draw_text("4"), **options)


@pytest.mark.parametrize(
    "picture",
    [
        np.full((9, 9), np.nan),
        np.zeros((0, 4), np.uint8),
        np.zeros(7, np.uint8),
        np.array([["a"]]),
        b"",
        b"no picture",
        None,
    ],
    ids=["nan", "empty", "one axis", "text", "no bytes", "wrong bytes", "none"],
)
def test_what_is_no_picture_is_refused(reader, picture):
    with pytest.raises(DataError):
        reader.read(picture)


@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (400, 1), (2, 2), (3000, 3)])
def test_odd_shapes_are_answered(reader, shape):
    rng = np.random.default_rng(0)
    assert not reader.read(rng.integers(0, 256, shape).astype(np.uint8)).accepted


def test_the_picture_is_not_changed(reader):
    picture = draw_text("42")
    before = picture.copy()
    reader.read(picture)
    np.testing.assert_array_equal(picture, before)


def test_a_wrong_model_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="expected a bundle's name"):
        Reader([7])
    with pytest.raises(ParameterError, match="expected a bundle's name"):
        Reader(7)
    with pytest.raises(HdalrError):
        Reader(tmp_path)
    with pytest.raises(UnknownNameError, match="unknown bundle"):
        Reader("no-such-bundle")


def test_a_bundle_for_characters_alone_reads_single_ones():
    reader = Reader(template_bundles(LABELS)[0])
    assert reader.read(draw_text("4")).text == "4"
    assert reader.read(draw_text("42")).model == "drawn"
    with pytest.raises(ParameterError, match="engine ctc"):
        reader.read(draw_text("42"), engine="ctc")


def test_a_bundle_for_lines_alone_reads_single_characters():
    reader = Reader(template_bundles(LABELS)[1])
    assert (reader.read(draw_text("4")).text, reader.read(draw_text("42")).text) == ("4", "42")


def test_log_probs_of_characters_end_with_none(reader):
    log_probs, labels = reader.character_log_probs([draw_character("4"), draw_character("E")])
    assert log_probs.shape == (2, len(labels) + 1)
    assert [labels[place] for place in log_probs.argmax(axis=1)] == ["4", "E"]
    np.testing.assert_allclose(np.exp(log_probs).sum(axis=1), 1)


@pytest.mark.parametrize("name", list_bundles())
def test_every_bundle_that_ships_answers(name):
    """Each gives a reading with its fields, and rejects what is blank."""
    bundle = load_bundle(name)
    reader = Reader(bundle)
    layout = "line" if bundle.kind == "lines" else "character"
    reading = reader.read(draw_text("4"), layout=layout)
    assert isinstance(reading, Reading)
    assert list(reading.to_dict()) == FIELDS
    assert 0 <= reading.confidence <= 1
    assert reader.read(np.full((40, 40), 230, np.uint8)).reason == "blank"


def test_a_speckled_page_is_rejected_before_each_speck_is_read(reader):
    page = np.full((1500, 2000), 255, np.uint8)
    rng = np.random.default_rng(0)
    for row, column in zip(rng.integers(0, 1490, 2000), rng.integers(0, 1990, 2000), strict=True):
        page[row : row + 4, column : column + 4] = 0
    reading = reader.read(page)
    assert (reading.accepted, reading.reason) == (False, "low-quality")
    assert reading.timings["read"] < 1000


def test_a_row_of_dots_is_rejected_unread(reader):
    row = np.full((30, 3000), 255, np.uint8)
    row[14:17, 10:-10:20] = 0
    reading = reader.read(row, layout="lines")
    assert (reading.accepted, reading.reason, reading.text) == (False, "low-quality", "")


def test_large_lexicons_are_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []

    def make_plan(request: Request, library: Library) -> Plan:
        compiled.append(request.lexicon[0])
        return plan_of(request, library)

    plan_of = reader_module.make_plan
    monkeypatch.setattr(reader_module, "make_plan", make_plan)
    monkeypatch.setattr(reader_module, "MOST_LEXICON", 5_000)  # two of 2,400
    own, words = Reader(), {name: [f"{name}{i:05}" for i in range(400)] for name in "123"}
    for name in "121312":  # the least recently used is dropped
        own.prepare(lexicon=words[name])
    assert [word[0] for word in compiled] == ["1", "2", "3", "2"]
    own.prepare(lexicon=[word for name in "123" for word in words[name]])
    own.prepare(lexicon=[word for name in "123" for word in words[name]])
    assert len(compiled) == 5  # one that is too large alone is kept while nothing else comes


def test_of_a_full_page_unsure_lines_get_no_second_look(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []

    def weigh_all(known: object, *_: object) -> object:
        looks.append(known)
        return known

    monkeypatch.setattr(strings, "weigh_all", weigh_all)
    monkeypatch.setattr(strings, "SURE", 2.0)  # never
    monkeypatch.setattr(reader_module, "MOST_AGAIN", 2)
    assert reader.read(draw_lines("4207", "77AE")).text == "4207\n77AE"
    assert len(looks) == 2
    assert reader.read(draw_lines("4207", "77AE", "E5H2")).text == "4207\n77AE\nE5H2"
    assert len(looks) == 2


def test_what_it_reads_with_is_told_and_loaded_once(reader: Reader) -> None:
    assert [bundle.kind for bundle in reader.bundles] == ["characters", "lines"]
    shipped = Reader()
    assert {bundle.name for bundle in shipped.bundles} == set(list_bundles())
    assert [*map(id, shipped.bundles)] == [*map(id, shipped.bundles)]
