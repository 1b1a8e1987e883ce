"""Templates from files: what they may say, and what is refused with a word about where."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from PIL import Image

from hdalr.errors import DataError
from hdalr.reading.forms import Rect, Style, load_template

EXAMPLES = Path(__file__).parents[3] / "examples" / "forms"
ZIP = {"name": "zip", "box": [20, 30, 35, 8], "style": "comb", "cells": 5}


def write(folder: Path, fields: object, name: str = "form.json", **more: object) -> Path:
    content = {"form": "test", "page": {"size": "A5"}, "fields": fields, **more}
    path = folder / name
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize("path", sorted(EXAMPLES.iterdir()), ids=lambda path: path.name)
def test_the_examples_are_templates(path: Path) -> None:
    template = load_template(path)
    assert {field.style for field in template.fields} == set(Style)


def test_yaml_and_json_say_the_same(tmp_path: Path) -> None:
    path = write(tmp_path, [ZIP], title="Zip", marks=False)
    as_yaml = tmp_path / "form.yaml"
    as_yaml.write_text(path.read_text())  # JSON is YAML
    assert load_template(path) == load_template(as_yaml)


def test_a_field_keeps_what_is_said_of_it(tmp_path: Path) -> None:
    said = {"alphabet": "digits", "pattern": r"\d{5}", "required": True, "label": "Zip"}
    field = load_template(write(tmp_path, [ZIP | said])).fields[0]
    assert (field.alphabet, field.pattern, field.required, field.label) == tuple(said.values())
    assert field.box == Rect(20, 30, 35, 8)


def test_measures_in_pixels_become_millimetres(tmp_path: Path) -> None:
    page = {"width": 1000, "height": 500, "unit": "px", "dpi": 127}  # five pixels a millimetre
    template = load_template(
        write(tmp_path, [ZIP | {"box": [200, 200, 200, 40]}], page=page, marks=False)
    )
    assert (template.width, template.height) == pytest.approx((200, 100))
    assert tuple(template.fields[0].box) == pytest.approx((40, 40, 40, 8))


def test_words_come_from_a_file_beside_the_template(tmp_path: Path) -> None:
    (tmp_path / "wards.txt").write_text("EYES\nHEART\n")
    ward = ZIP | {"alphabet": "upper", "lexicon": "wards.txt"}
    assert load_template(write(tmp_path, [ward])).fields[0].lexicon == ("EYES", "HEART")


WRONG_FIELDS = [
    ({"cells": 0}, "field 'zip': cells: 0; expected an integer from 1 to 100"),
    ({"cells": True}, "field 'zip': cells: True; expected an integer"),
    ({"style": "combb"}, "field 'zip': style: unknown style 'combb'; did you mean 'comb'"),
    ({"style": "line"}, "field 'zip': style line has cells, but only combs do"),
    ({"box": [1, 2, 3]}, "field 'zip': box: a list of 3; expected a list of 4 numbers"),
    ({"box": [20, 30, float("nan"), 8]}, "field 'zip': box: nan; expected 0 to"),
    ({"box": [20, 30, "35", 8]}, "field 'zip': box: '35'; expected a number"),
    ({"box": [120, 30, 35, 8]}, r"field 'zip': box \[120, 30, 35, 8\] mm leaves the page of 148"),
    ({"box": [8, 8, 35, 8]}, "lies on the registration mark"),
    ({"box": [20, 30, 10, 8]}, "field 'zip': 5 cells of 2 x 8 mm; expected at least 3 mm"),
    ({"name": "a b"}, "field 1: name: 'a b'; expected a letter, then"),
    ({"pattren": "x"}, "field 1: unknown key 'pattren'; did you mean 'pattern'"),
    ({"pattern": 12345}, "field 'zip': pattern: 12345; expected a text"),
    ({"pattern": r"\d{6}"}, "field 'zip': the shortest text that fits needs 6 cells; the comb"),
    ({"pattern": "(a"}, "field 'zip': pattern"),
    ({"alphabet": "digit"}, "field 'zip': unknown alphabet 'digit'; did you mean 'digits'"),
    ({"check": "lun"}, "field 'zip': unknown check 'lun'; did you mean 'luhn'"),
    ({"lexicon": []}, "field 'zip': lexicon is empty; expected at least one word"),
    ({"lexicon": [1]}, "field 'zip': lexicon: word 1: 1; expected a text"),
    ({"lexicon": "none.txt"}, "none.txt: no such file"),
    ({"max_length": 6}, "field 'zip': max_length: 6; expected at most 5, the cells"),
    ({"max_length": 5, "pattern": r"\d+"}, "max_length goes without a pattern"),
    ({"max_length": 5, "lexicon": ["1"]}, "max_length goes without a pattern or a lexicon"),
    ({"required": "yes"}, "field 'zip': required: 'yes'; expected true or false"),
    ({"label": "a\nb"}, "field 'zip': label: .* expected one line"),
]


@pytest.mark.parametrize(("change", "message"), WRONG_FIELDS, ids=lambda value: str(value)[:40])
def test_a_wrong_field_is_named(tmp_path: Path, change: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_template(write(tmp_path, [ZIP | change]))


WRONG_FORMS = [
    ({"fields": []}, "fields is empty; expected at least one"),
    ({"fields": {}}, "fields: a mapping of 0; expected a list"),
    ({"fields": [3]}, "field 1: 3; expected names with values"),
    ({"fields": [ZIP, ZIP]}, "field 'zip': the name stands 2 times; expected once"),
    ({"fields": [ZIP, ZIP | {"name": "b"}]}, "field 'zip': box .* overlaps that of field 'b'"),
    ({"fields": [ZIP] * 501}, "a list of 501; expected a list of at most 500"),
    ({"page": {"size": "A55"}}, "page: size: unknown page size 'A55'; choices: A4, A5"),
    ({"page": {"size": "A5", "dpi": 100}}, "page: unknown key 'dpi'"),
    ({"page": {"width": 100}}, "page: height missing"),
    ({"page": {"width": 100, "height": 10**400}}, "page: height: a huge number; expected 30 to"),
    ({"page": {"width": 100, "height": 90, "dpi": 100}}, "dpi goes with unit: px"),
    ({"page": {"width": 100, "height": 90, "unit": "px"}}, "page: dpi missing"),
    ({"page": "A5"}, "page: 'A5'; expected names with values"),
    ({"marks": 1}, "marks: 1; expected true or false"),
    ({"picture": "blank.png"}, "picture: .*blank.png: no such file"),
    ({"labels": [{"text": "x", "at": [1, 400]}]}, "label 'x': at .* leaves the page"),
    ({"form": None}, "form missing; expected a value"),
    ({"colour": "red"}, "unknown key 'colour'; choices: "),
]


@pytest.mark.parametrize(("change", "message"), WRONG_FORMS, ids=lambda value: str(value)[:40])
def test_a_wrong_form_is_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_template(write(tmp_path, **({"fields": [ZIP]} | change)))


def test_a_picture_that_cannot_stand_for_the_form_is_refused(tmp_path: Path) -> None:
    (tmp_path / "blank.png").write_text("no picture")
    with pytest.raises(DataError, match=r"form.json: picture: .*blank.png: no picture; expected"):
        load_template(write(tmp_path, [ZIP], picture="blank.png"))
    Image.new("L", (400, 400)).save(tmp_path / "blank.png")
    with pytest.raises(DataError, match=r"picture: .*blank.png: 400 x 400 pixels; expected the p"):
        load_template(write(tmp_path, [ZIP], picture="blank.png"))


def test_a_check_box_holds_no_text(tmp_path: Path) -> None:
    box = {"name": "yes", "box": [20, 30, 5, 5], "style": "check", "alphabet": "digits"}
    with pytest.raises(DataError, match="field 'yes': alphabet given, but a check box holds no"):
        load_template(write(tmp_path, [box]))


BOMB = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)
BAD_YAML = {
    "bomb": (BOMB, "aliases"),
    "deep": ("[" * 50_000, "nested too deeply"),
    "deep-blocks": ("- " * 50_000, "nested too deeply"),
    "anchor": ("form: &a b", "anchors"),
    "object": ("form: !!python/object/apply:os.getcwd []", "tags"),
    "number-of-nothing": ('form: !!int ""', "tags"),
    "no-truth": ("form: !!bool maybe", "tags"),
    "no-time": ("form: !!timestamp now", "tags"),
    "twice": ("form: a\nform: b", "a key stands twice"),
    "unclosed": ("form: 'a", "no YAML"),
    "key": ("? [a]\n: 1", "no YAML"),
    "control": ("form: \x07", "no YAML"),
    "empty": ("", "expected names with values"),
    "number": (
        "page: 0x" + "f" * 50_000 + "\nfields: 1\nform: 1",
        "page: a huge number; expected names",
    ),
}


@pytest.mark.parametrize("name", BAD_YAML)
def test_hostile_yaml_is_refused_soon(tmp_path: Path, name: str) -> None:
    text, message = BAD_YAML[name]
    path = tmp_path / "form.yaml"
    path.write_text(text)
    started = time.process_time()
    with pytest.raises(DataError, match=message):
        load_template(path)
    assert time.process_time() - started < 5


BAD_JSON = {
    "deep": ("[" * 100_000, "nested too deeply"),
    "twice": ('{"form": 1, "form": 2}', "the key 'form' stands twice"),
    "text": ("hello", "no JSON"),
    "digits": ('{"form": ' + "9" * 10_000 + "}", "no JSON"),
    "large": (" " * 200_001, "more than 200000 bytes"),
}


@pytest.mark.parametrize("name", BAD_JSON)
def test_hostile_json_is_refused_soon(tmp_path: Path, name: str) -> None:
    text, message = BAD_JSON[name]
    path = tmp_path / "form.json"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        load_template(path)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "form.json").mkdir()
    (tmp_path / "latin.yaml").write_bytes(b"form: \xff")
    for name, message in {
        "form.json": "no such file",
        "none.yaml": "no such file",
        "latin.yaml": "no UTF-8 text at byte 6",
        "form.txt": "should end in .json, .yaml, .yml",
    }.items():
        with pytest.raises(DataError, match=message):
            load_template(tmp_path / name)
