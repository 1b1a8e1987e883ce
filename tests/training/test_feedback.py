"""Corrections made ready, mixed into batches, learned from, and what that brings and costs."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.reading.drawing import draw_character, draw_lines, draw_text
from tests.training.corrections import DIGITS, on_paper, write_corrections, write_digits

from hdalr import Reader
from hdalr.bundles import Bundle, load_bundle
from hdalr.datasets.emnist_union import PartlyLabelled, from_dataset
from hdalr.errors import DataError, NotApplicableError
from hdalr.images.synthetic.lines import GlyphStore
from hdalr.models.character_net import build_character_net
from hdalr.models.line_net import LineBatch
from hdalr.recipes.readers import RECIPES
from hdalr.training import bundling, train_bundle
from hdalr.training.characters import CharacterStream
from hdalr.training.feedback import Corrections, Example, LeftOut, load_corrections
from hdalr.training.lines import LineStream
from hdalr.training.tuning import (
    TUNINGS,
    TuningLoss,
    TuningStream,
    compare,
    judge_tuning,
    vary_line,
)

CHARACTERS, STRINGS = RECIPES["readers.digits"], RECIPES["readers.strings"]
BLANK = np.full((60, 60), 230, np.uint8)


def load(folder: Path, kind: str = "characters") -> Corrections:
    return load_corrections(folder, CHARACTERS if kind == "characters" else STRINGS)


def texts(examples: tuple[Example, ...]) -> list[str]:
    return [one.text for one in examples]


def test_a_fifth_is_held_out_and_stays_so_when_others_come(tmp_path: Path) -> None:
    few, many = (load(write_digits(tmp_path / str(n), n)) for n in (60, 150))
    assert len(many.learned) + len(many.held) == 150
    assert 15 < len(many.held) < 45
    held, learned = ({one.picture.tobytes() for one in part} for part in (many.held, many.learned))
    assert {one.picture.tobytes() for one in few.held} <= held
    assert not held & learned
    assert few.digest != many.digest


def test_corrections_in_another_order_are_the_same(tmp_path: Path) -> None:
    rows = [(f"{i}.png", on_paper(DIGITS.test_images[i]), "3") for i in range(9)]
    first = load(write_corrections(tmp_path / "a", rows))
    second = load(write_corrections(tmp_path / "b", rows[::-1]))
    assert first.digest == second.digest


@pytest.mark.parametrize(
    ("recipe", "model", "text", "options"),
    [
        ("readers.digits", "digits", "7", {"layout": "character"}),
        ("readers.strings", "strings", "A7k2", {"layout": "line", "engine": "ctc"}),
    ],
)
def test_the_net_sees_what_it_sees_when_it_reads(
    recipe: str,
    model: str,
    text: str,
    options: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[np.ndarray] = []
    run = Bundle.run

    def note(self: Bundle, pictures: np.ndarray) -> Any:
        seen.append(pictures[0])
        return run(self, pictures)

    monkeypatch.setattr(Bundle, "run", note)
    picture = np.pad(draw_text(text), 15, constant_values=235)
    picture[-20:-18] = 90  # a rule
    folder = write_corrections(tmp_path / "c", [("a.png", picture, text), *others()])
    Reader(model).read(folder / "a.png", **options)
    corrections = load_corrections(folder, RECIPES[recipe])
    examples = [one.picture for one in corrections.learned + corrections.held if one.text == text]
    assert len(examples) == 1
    assert np.array_equal(examples[0], seen[0])


def others() -> list[tuple[str, Any, str]]:
    return [(f"{i}.png", on_paper(DIGITS.test_images[i]), "0") for i in range(9)]


@pytest.mark.parametrize(
    ("kind", "name", "picture", "text", "reason"),
    [
        ("characters", "a.png", b"no picture", "1", LeftOut.picture),
        ("characters", "a.png", draw_text("1"), "12", LeftOut.label),
        ("characters", "a.png", draw_text("1"), "A", LeftOut.label),
        ("characters", "a.png", draw_text("1"), "", LeftOut.label),
        ("characters", "a.png", BLANK, "1", LeftOut.blank),
        ("characters", "../a.png", draw_text("1"), "1", LeftOut.row),
        ("characters", "a.tif", None, "1", LeftOut.pages),
        ("lines", "a.png", BLANK, "1", LeftOut.blank),
        ("lines", "a.png", draw_text("12"), "Zürich", LeftOut.letters),
        ("lines", "a.png", draw_text("12"), "-.-", LeftOut.nothing),
        ("lines", "a.png", draw_text("12"), " ", LeftOut.nothing),
        ("lines", "a.png", draw_text("12"), "1\n2", LeftOut.lines),
        ("lines", "a.png", draw_text("1234567890" * 8), "1234567890" * 8, LeftOut.wide),
    ],
)
def test_what_cannot_be_used_is_counted(
    kind: str, name: str, picture: Any, text: str, reason: str, tmp_path: Path
) -> None:
    if picture is None:
        picture = two_pages()
    folder = write_corrections(tmp_path / "c", [(name, picture, text), *others()])
    found = load(folder, kind)
    assert found.left_out == {reason: 1}
    assert len(found.learned) + len(found.held) == 9


def two_pages() -> bytes:
    import io

    from PIL import Image

    first, second = (Image.fromarray(draw_text(text)) for text in "12")
    file = io.BytesIO()
    first.save(file, "TIFF", save_all=True, append_images=[second])
    return file.getvalue()


def test_of_a_picture_that_comes_twice_the_later_text_counts(tmp_path: Path) -> None:
    rows = [("a.png", draw_text("7"), "1"), ("b.bmp", draw_text("7"), "7"), *others()]
    found = load(write_corrections(tmp_path / "c", rows))
    every = texts(found.learned + found.held)
    assert (every.count("1"), every.count("7")) == (0, 1)
    assert found.left_out == {LeftOut.again: 1}


def test_marks_and_spaces_are_left_out_of_lines(tmp_path: Path) -> None:
    rows = [("a.png", draw_text("1250"), " 12,50 -"), *others()]
    found = load(write_corrections(tmp_path / "c", rows), "lines")
    assert "1250" in texts(found.learned + found.held)


def test_each_line_of_a_page_is_learned(tmp_path: Path) -> None:
    rows = [("a.png", draw_lines("12345", "67890"), "12345\n\n67-890\n"), *others()]
    found = load(write_corrections(tmp_path / "c", rows), "lines")
    sides = [{"12345", "67890"} <= set(texts(side)) for side in (found.learned, found.held)]
    assert sum(sides) == 1


def test_accents_written_in_two_ways_are_one_label(tmp_path: Path) -> None:
    recipe = dataclasses.replace(CHARACTERS, labels=("0", "\u00e9"))
    rows = [("a.png", draw_text("7"), "e\u0301"), *others()]
    found = load_corrections(write_corrections(tmp_path / "c", rows), recipe)
    assert "\u00e9" in texts(found.learned + found.held)


def test_nothing_to_learn_from_is_an_error(tmp_path: Path) -> None:
    folder = write_corrections(tmp_path / "c", [("a.png", draw_text("1"), "A")])
    with pytest.raises(DataError, match="none of the labels: 1"):
        load(folder)


def learned(*examples: tuple[str, str]) -> tuple[Example, ...]:
    return tuple(
        Example(DIGITS.train_images[int(np.argmax(DIGITS.train_labels == int(label)))], text)
        for label, text in examples
    )


def test_corrections_come_beside_a_batchs_own_characters() -> None:
    source, _ = from_dataset(DIGITS)
    own = CharacterStream(source, batch_size=12).batch
    some = learned(("3", "3"), ("8", "8"))
    (kept, added), (_, again) = (
        TuningStream(own, some, CHARACTERS, 40, 0).batch(5) for _ in range(2)
    )
    assert torch.equal(kept.pictures, own(5).pictures)
    assert torch.equal(kept.allowed, own(5).allowed)
    assert torch.equal(added.pictures, again.pictures)
    sent = pickle.loads(pickle.dumps(TuningStream(own, some, CHARACTERS, 40, 0).batch))  # a worker
    assert torch.equal(sent(5)[1].pictures, added.pictures)
    shown = added.allowed.numpy()
    assert shown.shape == (40, 11)
    assert (shown.sum(axis=1) == 1).all()
    assert set(shown.argmax(axis=1)) == {3, 8}
    threes = added.pictures[torch.from_numpy(shown[:, 3])].numpy()
    assert len(np.unique(threes, axis=0)) == len(threes)  # each distorted anew


def test_corrections_come_beside_a_batchs_own_lines(tmp_path: Path) -> None:
    store = GlyphStore(DIGITS.train_images, DIGITS.train_labels, DIGITS.classes)
    own = LineStream(store, batch_size=4, digits_only=1.0, random_state=0).batch
    rows = [(f"{t}.png", draw_text(t), t) for t in ("1234567890123456", "A8", "1", "2", "3")]
    found = load(write_corrections(tmp_path / "c", rows), "lines")
    some = found.learned + found.held
    kept, added = TuningStream(own, some, STRINGS, 9, 0).batch(2)
    assert torch.equal(kept.pictures, own(2).pictures)
    assert len(added.pictures) == 9
    numbers = added.targets.tolist()
    labels = [[numbers.pop(0) - 1 for _ in range(n)] for n in added.n_targets]
    said = {"".join(STRINGS.labels[label] for label in line) for line in labels}
    assert said <= set(texts(some))


def test_a_net_that_stays_as_it_was_has_no_distance_from_it() -> None:
    source, _ = from_dataset(DIGITS)
    own = CharacterStream(source, batch_size=12).batch
    net = build_character_net(10, 12)
    before = copy.deepcopy(net).eval()
    loss = TuningLoss(before, lambda net, batch: torch.zeros(()), hold=1)
    assert loss(net, (own(0), own(1))).item() == pytest.approx(0, abs=1e-6)
    assert not net.training
    with torch.no_grad():
        net[-1].bias[3] += 1.0
    assert loss(net, (own(0), own(1))).item() > 0.01


def test_corrections_and_old_pictures_weigh_as_they_are_many() -> None:
    source, _ = from_dataset(DIGITS)
    own = CharacterStream(source, batch_size=12).batch
    net = constant_net(3)
    loss = TuningLoss(copy.deepcopy(net), lambda net, batch: torch.tensor(8.0), hold=1)
    some = CharacterStream(source, batch_size=4).batch(0)
    assert loss(net, (own(0), some)).item() == pytest.approx(8.0 * 4 / 16)


def test_the_distance_of_lines_is_counted_a_character() -> None:
    labels = torch.nn.functional.one_hot(torch.tensor([0, 1]), 3).float()[:, :, None, None]
    before, after = (
        lambda pictures, row=row: labels[row][None].expand(2, 3, 1, 5) for row in (0, 1)
    )
    lines = LineBatch.of([np.zeros((32, 20), np.uint8)] * 2, [[1, 2, 1], [2]])
    said, says = (net(None)[0, :, 0, 0].softmax(0) for net in (before, after))
    apart = float((said * (said / says).log()).sum())
    loss = TuningLoss(as_net(before), lambda net, batch: torch.zeros(()), hold=1)
    empty = dataclasses.replace(lines, pictures=lines.pictures[:0])
    assert float(loss(as_net(after), (lines, empty))) == pytest.approx(apart * 10 / 4)


def as_net(answer: Any) -> torch.nn.Module:
    class Net(torch.nn.Linear):
        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            given: torch.Tensor = answer(pictures)
            return given

    return Net(1, 1)


def test_a_varied_line_keeps_its_height_and_its_ink(tmp_path: Path) -> None:
    rows = [("a.png", draw_text("1234"), "1234"), *others()]
    found = load(write_corrections(tmp_path / "c", rows), "lines")
    (line,) = (one.picture for one in found.learned + found.held if one.text == "1234")
    varied = [vary_line(line, np.random.default_rng(seed)) for seed in range(20)]
    assert {one.shape[0] for one in varied} == {32}
    widths = [one.shape[1] / line.shape[1] for one in varied]
    assert 0.5 < min(widths) < 0.95 < 1.05 < max(widths) < 2
    assert all(one.max() > 200 for one in varied)


def test_few_corrections_are_not_shown_over_and_over() -> None:
    tuning = dataclasses.replace(TUNINGS["characters"], share=0.25, repeats=100)
    assert tuning.count(1, 128, 600) == 1
    assert tuning.count(30, 128, 600) == 5
    assert tuning.count(10_000, 128, 600) == 43  # a quarter of 171


def test_two_nets_are_compared_on_the_same_pictures() -> None:
    before = np.array([True] * 90 + [False] * 10)
    after = np.array([False] * 3 + [True] * 88 + [False] * 9)
    found = compare(before, after)
    assert (found["n"], found["before"], found["after"]) == (100, 0.9, 0.88)
    assert (found["lost"], found["gained"]) == (3, 1)
    assert found["p"] == pytest.approx(0.625)  # 2 * (1 + 4) / 16
    assert compare(before[:0], after[:0]) == {"n": 0}


def test_what_is_forgotten_is_the_accuracy_that_was_lost() -> None:
    always = [constant_net(label) for label in (3, 8)]
    part = PartlyLabelled(DIGITS.test_images, np.eye(10, dtype=bool)[DIGITS.test_labels], ())
    part = part.take(np.flatnonzero(np.isin(DIGITS.test_labels, (3, 8)))[:10])
    old = bundling.Judged(torch.from_numpy(part.images).unsqueeze(1), part.allowed, "")
    some = Corrections(learned(("1", "1")), learned(("8", "8")), {}, "")
    found = judge_tuning((always[0], always[1]), some, old, CHARACTERS)
    n_three, n_eight = (int(part.allowed[:, label].sum()) for label in (3, 8))
    assert found["held"]["before"] == 0
    assert found["held"]["after"] == 1
    assert found["forgot"] == pytest.approx((n_three - n_eight) / 10)
    assert (found["n_train"], found["n_held"]) == (1, 1)
    nothing = judge_tuning((always[0], always[1]), dataclasses.replace(some, held=()), (), STRINGS)
    assert nothing["forgot"] is None


def constant_net(label: int) -> torch.nn.Module:
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 11))
    with torch.no_grad():
        net[1].weight.zero_()
        net[1].bias.copy_(torch.eye(11)[label])
    return net


def test_a_fine_tuning_without_steps_of_any_length_changes_nothing(
    start: Path, tmp_path: Path
) -> None:
    before = load_bundle(start)
    plan = {"start": start, "corrections": load(write_digits(tmp_path / "c", 40)), "limit": 300}
    after = train_bundle("readers.digits", tmp_path / "b", steps=2, learning_rate=0.0, **plan)
    for name, tensor in before.tensors.items():
        assert np.allclose(after.tensors[name], tensor, atol=1e-6), name


@pytest.fixture
def start(tmp_path: Path, brief: None) -> Path:
    train_bundle("readers.digits", tmp_path / "start", limit=300)
    return tmp_path / "start"


def test_a_bundle_is_fine_tuned_and_says_what_came_of_it(start: Path, tmp_path: Path) -> None:
    corrections = load(write_digits(tmp_path / "c", 60))
    bundle = train_bundle(
        "readers.digits", tmp_path / "b", start=start, corrections=corrections, steps=3, limit=300
    )
    record = bundle.manifest.record
    found = record["feedback"]
    assert found["n_train"] == len(corrections.learned)
    assert found["held"]["n"] == found["n_held"] == len(corrections.held)
    assert found["old_test"]["n"] == record["n"] == 300
    assert found["old_test"]["after"] == pytest.approx(record["accuracy"])
    before = load_bundle(start)
    # A net that has learned three steps is torn between labels: another memory layout, and a few
    # of the 300 tip over.
    was = pytest.approx(before.manifest.record["accuracy"], abs=3.5 / 300)
    assert found["old_test"]["before"] == was
    assert found["forgot"] == pytest.approx(found["old_test"]["before"] - record["accuracy"])
    assert found["start"] == bundle.manifest.recipe["start"] == before.digest
    assert found["corrections"] == corrections.digest
    assert found["settings"]["steps"] == 3
    assert found["settings"]["learning_rate"] == TUNINGS["characters"].learning_rate
    assert bundle.manifest.data[-1]["name"] == "corrections"
    assert "old_test" in bundle.card
    assert "feedback" not in before.manifest.record


def test_a_net_learns_what_it_was_corrected_in(start: Path, tmp_path: Path) -> None:
    crosses = (on_paper(np.pad(draw_character("X"), room)) for room in range(40))
    rows = [(f"{i}.png", picture, "7") for i, picture in enumerate(crosses)]
    corrections = load(write_corrections(tmp_path / "c", rows))
    bundle = train_bundle(
        "readers.digits",
        tmp_path / "b",
        start=start,
        corrections=corrections,
        steps=80,
        learning_rate=1e-2,
        limit=300,
    )
    held = bundle.manifest.record["feedback"]["held"]
    assert held["n"] > 3
    assert (held["before"], held["after"]) == (pytest.approx(0, abs=0.5), 1)


def test_lines_are_fine_tuned(tmp_path: Path, brief: None) -> None:
    train_bundle("readers.strings", tmp_path / "start", limit=300)
    rows = [(f"{n}.png", draw_text(str(n)), str(n)) for n in range(100, 130)]
    corrections = load(write_corrections(tmp_path / "c", rows), "lines")
    bundle = train_bundle(
        "readers.strings",
        tmp_path / "b",
        start=tmp_path / "start",
        corrections=corrections,
        steps=2,
        limit=300,
    )
    found = bundle.manifest.record["feedback"]
    assert found["held"]["n"] == len(corrections.held)
    assert found["old_test"] == {"n": 0}  # the digits have no letters
    assert found["forgot"] is None


def test_a_killed_fine_tuning_goes_on_from_its_checkpoint(
    start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Exception):
        pass

    def kill(*_: Any) -> None:
        raise Killed

    folder = write_digits(tmp_path / "c", 40)
    plan = {"start": start, "corrections": load(folder), "steps": 120, "limit": 300}
    with pytest.raises(Killed):
        train_bundle("readers.digits", tmp_path / "b", on_progress=kill, **plan)
    assert (tmp_path / "b.checkpoint").exists()
    asked: list[int] = []
    batch = TuningStream.batch

    def note(self: TuningStream, step: int) -> Any:
        asked.append(step)
        return batch(self, step)

    monkeypatch.setattr(TuningStream, "batch", note)
    train_bundle("readers.digits", tmp_path / "b", **plan)
    assert asked == list(range(50, 120))  # from the last checkpoint
    assert not (tmp_path / "b.checkpoint").exists()


def test_a_checkpoint_of_other_corrections_is_not_gone_on_from(start: Path, tmp_path: Path) -> None:
    class Killed(Exception):
        pass

    def kill(*_: Any) -> None:
        raise Killed

    plan = {"start": start, "steps": 120, "limit": 300}
    with pytest.raises(Killed):
        train_bundle(
            "readers.digits",
            tmp_path / "b",
            on_progress=kill,
            corrections=load(write_digits(tmp_path / "c", 40)),
            **plan,
        )
    shown: list[float] = []
    more = load(write_digits(tmp_path / "d", 41))
    if more.digest == load(tmp_path / "c").digest:  # the one more is held out
        more = load(write_digits(tmp_path / "d", 50))
    train_bundle(
        "readers.digits",
        tmp_path / "b",
        on_progress=lambda done, *_: shown.append(done),
        corrections=more,
        **plan,
    )
    assert len(shown) == 2


def test_where_the_data_is_missing_it_is_said_what_to_give(
    start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HDALR_DATA_DIR", raising=False)
    monkeypatch.setenv("HDALR_CACHE_DIR", str(tmp_path / "none"))
    monkeypatch.setenv("HDALR_OFFLINE", "1")
    digits = bundling.READERS["readers.digits"]
    away = dataclasses.replace(digits, data=("emnist-union",), foreign=("devanagari",))
    monkeypatch.setitem(bundling.READERS, "readers.digits", away)
    plan = {"start": start, "corrections": load(write_digits(tmp_path / "c", 40)), "steps": 2}
    said = r"rehearses .*\(emnist-union, devanagari\).*set HDALR_DATA_DIR.*with --data"
    with pytest.raises(DataError, match=said):
        train_bundle("readers.digits", tmp_path / "b", **plan)
    bundle = train_bundle("readers.digits", tmp_path / "b", ["digits"], limit=300, **plan)
    assert bundle.manifest.record["feedback"]["not_rehearsed"] == ["devanagari"]


def test_only_a_bundle_of_the_recipe_is_fine_tuned(start: Path, tmp_path: Path) -> None:
    some = load(write_digits(tmp_path / "c", 40))
    with pytest.raises(NotApplicableError, match=r"not the one of readers\.digits"):
        train_bundle(
            "readers.digits", tmp_path / "b", start="devanagari", corrections=some, limit=50
        )
    with pytest.raises(NotApplicableError, match="only readers"):
        train_bundle("paper.cnn", tmp_path / "b", ["digits"], corrections=some)


def test_the_bundle_that_ships_is_the_start(
    tmp_path: Path, brief: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(bundling, "load_bundle", lambda start: asked.append(start) or 1 / 0)
    some = load(write_digits(tmp_path / "c", 40))
    with pytest.raises(ZeroDivisionError):
        train_bundle("readers.digits", tmp_path / "b", corrections=some)
    assert asked == ["digits"]
