"""A recipe by its name to a bundle: trained, calibrated, judged, written."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hdalr.bundles import (
    Bundle,
    Calibration,
    Manifest,
    load_bundle,
    load_net,
    save_bundle,
    update_bundle,
)
from hdalr.bundles.folder import check_place
from hdalr.datasets import DATASETS, fetch_dataset
from hdalr.datasets.emnist_union import MERGED, PartlyLabelled
from hdalr.errors import NotApplicableError, UnknownNameError
from hdalr.evaluation.machine import describe_hardware, describe_versions
from hdalr.images.glyph import BOX_PX, SIDE_PX, STROKE_PX, normalise_glyphs
from hdalr.images.line import HEIGHT_PX
from hdalr.images.picture import Picture
from hdalr.images.synthetic.lines import GlyphStore
from hdalr.recipes import RECIPES
from hdalr.recipes.readers import RECIPES as READERS
from hdalr.recipes.readers import ReaderRecipe
from hdalr.training.characters import CharacterStream
from hdalr.training.classifiers import check_exportable, train_classifier
from hdalr.training.feedback import Corrections
from hdalr.training.judging import Judged, calibrate_characters, judge_characters, judge_lines
from hdalr.training.lines import LineStream
from hdalr.training.readers import train_reader
from hdalr.training.sources import Sources, gather, gather_to_rehearse
from hdalr.training.texts import calibrate_texts
from hdalr.training.tuning import TUNINGS, Test, judge_tuning

N_HELD = 38_400  # characters that a reader is calibrated on, distorted as in training
N_DISTORTED = 3_200  # and that it is judged on, beside the test pictures as they are
N_LINES = 500
N_OLD_LINES = 2_000  # of which a fine-tuned net should not read fewer than before
N_TUNED_TEXTS = 1_500  # lines a mode that the confidence of its texts is fitted on
BATCH = 128
HELD_SEED, TEST_SEED = 1_000_001, 1_000_002  # of the draws that are not trained on
GLYPHS = {"name": "normalise_glyphs", "side_px": SIDE_PX, "box_px": BOX_PX, "stroke_px": STROKE_PX}
LINE = {"name": "normalise_line", "height_px": HEIGHT_PX}

Tell = Callable[[float, float, float], None]  # share done, loss, seconds left


def train_bundle(
    name: str,
    folder: Path,
    data: Sequence[str] = (),
    *,
    random_state: int = 0,
    device: str = "auto",
    limit: int | None = None,
    command: str = "",
    workers: int = 0,
    start: str | Path | None = None,
    corrections: Corrections | None = None,
    on_progress: Tell | None = None,
    **changes: Any,
) -> Bundle:
    """Train a recipe and write the bundle.

    Part of the train part is kept back for the calibration; the test part is judged once, for
    the record. A file ``FOLDER.checkpoint`` beside the folder keeps the state meanwhile: killed
    and started again, a training goes on from it.

    Parameters
    ----------
    name
        Of a reader (``readers.digits`` ...) or of a net of the comparison (``paper.cnn`` ...).
    folder
        Where the bundle goes; its last part is the bundle's name.
    data
        Data sets, names or paths, in the place of the recipe's own; a net of the comparison
        takes one.
    random_state, device
        Seed, and ``"auto"``, ``"cpu"`` or ``"cuda"``.
    limit
        At most so many pictures of each data set.
    command
        What remakes the bundle, for its record.
    workers
        Processes that make a reader's pictures beside the one that trains. Same outcome.
    start
        Bundle, by name or folder, whose weights a reader's training begins with.
    corrections
        What `load_corrections` made ready for this recipe: the bundle to start from, or the one
        that ships, is fine-tuned on them, as long as `hdalr.training.tuning.TUNINGS` says.
        ``record["feedback"]`` tells what came of it.
    on_progress
        Called with the share done, the loss and the seconds left.
    **changes
        Parameters that differ from a reader's recipe, e.g. ``steps=100``.

    Raises
    ------
    UnknownNameError
        If there is no such recipe or data set.
    NotApplicableError
        If the recipe makes no net that a bundle can hold, cannot learn from the data, or cannot
        go on from the bundle to start from.
    DataError
        If the data cannot be read, or its classes cannot be labels.
    StorageError
        If the folder cannot be written, or holds something else than a bundle.
    """
    if name not in READERS and name not in RECIPES:
        raise UnknownNameError("recipe", name, [*READERS, *RECIPES])
    if (start is not None or corrections is not None) and name not in READERS:
        raise NotApplicableError(
            f"{name} begins with random weights; only readers.* go on from others"
        )
    if corrections is not None:
        tuning = TUNINGS[READERS[name].kind]
        changes = {"steps": tuning.steps, "learning_rate": tuning.learning_rate} | changes
        start = start or name.removeprefix("readers.")
    check_place(folder)
    checkpoint = folder.with_name(f"{folder.name}.checkpoint")
    settings = {"random_state": random_state, "device": device, "checkpoint": checkpoint}
    facts = {"seed": random_state, "limit": limit, "command": command}
    if name in READERS:
        settings["workers"] = workers
        settings["start"] = None if start is None else load_bundle(start)
        settings["corrections"] = corrections
        bundle = _bundle_reader(READERS[name], folder, data, facts, settings, on_progress, changes)
    else:
        bundle = _bundle_classifier(name, folder, data, facts, settings, on_progress)
    checkpoint.unlink(missing_ok=True)
    return bundle


def _bundle_reader(
    recipe: ReaderRecipe,
    folder: Path,
    data: Sequence[str],
    facts: dict[str, Any],
    settings: dict[str, Any],
    on_progress: Tell | None,
    changes: dict[str, Any],
) -> Bundle:
    names = tuple(data) or recipe.data
    start, corrections = settings["start"], settings["corrections"]
    manifest = Manifest(
        name=folder.name,
        kind=recipe.kind,
        labels=recipe.labels,
        rejects=recipe.kind == "characters",
        picture_shape=(SIDE_PX, SIDE_PX) if recipe.kind == "characters" else (HEIGHT_PX, None),
        preprocessing=GLYPHS if recipe.kind == "characters" else LINE,
        merges=_merges(recipe.labels),
        data=(
            *(_describe_data(one, recipe.licences) for one in names),
            *_describe_corrections(corrections),
        ),
        recipe={
            **recipe.describe(),
            "changes": changes,
            "start": None if start is None else start.digest,
            "source": recipe.source,
        },
        licence=recipe.licence,
        limits=recipe.limits,
    )
    _check(manifest)
    gathered = gather if corrections is None else gather_to_rehearse
    sources = gathered(recipe, data, facts["limit"])
    started = time.perf_counter()

    def tell(progress: Any) -> None:
        if on_progress is not None:
            done = progress.step / progress.steps
            on_progress(done, progress.loss, progress.seconds * (1 - done) / done)

    trained = train_reader(recipe, sources, **settings, on_progress=tell, **changes)
    test = _test_of(recipe, sources, N_LINES if corrections is None else N_OLD_LINES)
    calibration, figures = _judge_reader(recipe, sources, trained.net, test)
    if start is not None and corrections is not None:
        nets = (load_net(start), trained.net)
        figures["feedback"] = {
            **judge_tuning(nets, corrections, test, recipe),
            "start": start.digest,
            "corrections": corrections.digest,
            "not_rehearsed": list(sources.missing),
            "settings": {**asdict(TUNINGS[recipe.kind]), **changes},
        }
    record = {
        **figures,
        "n_train": len(sources.train.images),
        **facts,
        **_circumstances(started, trained.curve),
    }
    manifest = replace(manifest, calibration=calibration, record=record)
    bundle = save_bundle(folder, trained.net, manifest)
    n_texts = None if corrections is None else N_TUNED_TEXTS
    return _with_texts_calibrated(bundle, folder, sources.held, n_texts)


def _with_texts_calibrated(
    bundle: Bundle, folder: Path, held: PartlyLabelled, n: int | None
) -> Bundle:
    """For lines: the confidence of whole texts, read together with the characters that ship."""
    if bundle.kind != "lines" or not held.allowed.any(axis=0).all():
        return bundle
    calibration = calibrate_texts(bundle, held, n=n)
    return update_bundle(folder, calibration=calibration)


def _bundle_classifier(
    name: str,
    folder: Path,
    data: Sequence[str],
    facts: dict[str, Any],
    settings: dict[str, Any],
    on_progress: Tell | None,
) -> Bundle:
    recipe = RECIPES[name]
    check_exportable(recipe)
    if len(data) > 1:
        raise NotApplicableError(
            f"{name} learns from one data set, and {', '.join(data)} were given; choose one"
        )
    source = data[0] if data else recipe.dataset
    dataset = fetch_dataset(source).limited(facts["limit"])
    manifest = Manifest(
        name=folder.name,
        kind="characters",
        labels=dataset.classes,
        preprocessing=GLYPHS,
        data=({**_describe_data(source, ""), "origin": dataset.origin},),
        recipe={**recipe.describe(dataset.name), "source": recipe.source},
        licence=_licence(source),
        limits=("Knows no 'not a character': whatever it is shown, it names a label.",),
    )
    _check(manifest)
    started = time.perf_counter()

    def tell(progress: Any) -> None:
        if on_progress is not None:
            on_progress(progress.fraction, progress.loss, progress.seconds_left)

    trained = train_classifier(recipe, dataset, **settings, on_progress=tell)
    n_labels = len(trained.labels)
    calibration = calibrate_characters(trained.net, trained.held, trained.labels)
    record = {
        **judge_characters(trained.net, trained.test, n_labels, calibration),
        "n_train": trained.n_train,
        **facts,
        **_circumstances(started, []),
    }
    manifest = replace(manifest, calibration=calibration, record=record, labels=trained.labels)
    return save_bundle(folder, trained.net, manifest)


def _test_of(recipe: ReaderRecipe, sources: Sources, n_lines: int) -> Test:
    """The test characters as they are, or lines of them; no line if a character is missing."""
    if recipe.kind == "characters":
        return Judged(
            torch.from_numpy(normalise_glyphs(list(sources.test.images))).unsqueeze(1),
            np.pad(sources.test.allowed, ((0, 0), (0, 1))),
            "test parts",
        )
    images, labels = sources.test.known()
    if len(set(labels.tolist())) < len(recipe.labels):
        return ()
    store = GlyphStore(normalise_glyphs(list(images)), labels, recipe.labels)
    stream = LineStream(store, batch_size=1, digits_only=0.5, random_state=TEST_SEED)
    rng = np.random.default_rng(TEST_SEED)
    return [stream.draw(rng) for _ in range(n_lines)]


def _judge_reader(
    recipe: ReaderRecipe, sources: Sources, net: torch.nn.Module, test: Test
) -> tuple[Calibration, dict[str, Any]]:
    if not isinstance(test, Judged):
        return Calibration(), _judge_lines(recipe, test, net)
    n_labels = len(recipe.labels)
    held = _draw_characters(
        sources.held, sources, N_HELD, HELD_SEED, "kept-back characters, distorted as in training"
    )
    calibration = calibrate_characters(net, held, recipe.labels)
    figures = judge_characters(net, test, n_labels, calibration)
    distorted = _draw_characters(
        sources.test, sources, N_DISTORTED, TEST_SEED, "test parts, distorted as in training"
    )
    figures["distorted"] = judge_characters(net, distorted, n_labels, calibration)
    return calibration, figures


def _judge_lines(
    recipe: ReaderRecipe, lines: Sequence[tuple[Picture, str]], net: torch.nn.Module
) -> dict[str, Any]:
    if not lines:
        return {"data": "not judged: the test part lacks some characters"}
    data = "synthetic lines of test characters, half of them digits alone"
    return judge_lines(net, lines, recipe.labels, data)


def _draw_characters(
    part: PartlyLabelled, sources: Sources, n: int, random_state: int, data: str
) -> Judged:
    stream = CharacterStream(part, sources.foreign, batch_size=BATCH, random_state=random_state)
    batches = [stream.batch(step) for step in range(n // BATCH)]
    return Judged(
        torch.cat([batch.pictures for batch in batches]),
        torch.cat([batch.allowed for batch in batches]).numpy(),
        data,
    )


def _check(manifest: Manifest) -> None:
    """Refuse a name or labels that a bundle cannot have before hours of training."""
    Manifest.from_json(manifest.to_json(), "the bundle")


def _circumstances(started: float, curve: list[dict[str, float]]) -> dict[str, Any]:
    """Seconds, those before a checkpoint included where the curve knows them; the machine."""
    seconds = time.perf_counter() - started
    if curve:
        seconds = max(seconds, curve[-1]["seconds"])
    return {
        "seconds": round(seconds, 1),
        "hardware": describe_hardware(),
        "versions": describe_versions(),
    }


def _describe_data(name: str, licences: str) -> dict[str, str]:
    return {"name": Path(name).name, "licence": _licence(name) or licences or "not stated"}


def _describe_corrections(corrections: Corrections | None) -> list[dict[str, str]]:
    if corrections is None:
        return []
    return [
        {
            "name": "corrections",
            "licence": "kept with consent; as agreed with those who wrote them",
            "digest": corrections.digest,
        }
    ]


def _licence(name: str) -> str:
    return DATASETS[name].licence if name in DATASETS else ""


def _merges(labels: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """EMNIST's merged labels, of those pairs that are both here: a capital for both cases."""
    pairs = ((small.upper(), small) for small in MERGED)
    return {pair[0]: pair for pair in pairs if set(pair) <= set(labels)}
