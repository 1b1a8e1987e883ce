"""The trials of a search in a SQLite file: what was tried, what came of it, what comes next."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import optuna
from optuna.trial import FrozenTrial, Trial, TrialState
from sqlalchemy.exc import DatabaseError, OperationalError

from hdalr.errors import DataError, HdalrError, ParameterError, StorageError
from hdalr.experiment.trial import Verdict
from hdalr.recipes.spaces import Choice, Range, Space, grid_of

optuna.logging.set_verbosity(optuna.logging.ERROR)  # what is worth saying, the search says

Method = Literal["optuna", "grid"]
NAME = "hdalr"  # of the one study in the file
SETTLED = {"verdict", "repeated"}  # what is noted of a trial; half run, it has neither
FIRST_JUDGED = 3  # epoch; before it, accuracy says more of the batch size than of the end
MAX_REPEATS = 20  # in a row: then next to nothing is left to try
STATES = {
    "finished": TrialState.COMPLETE,
    "worse": TrialState.PRUNED,
    "out of time": TrialState.FAIL,
    "failed": TrialState.FAIL,
}


@dataclass(frozen=True)
class Tried:
    """A trial that has ended: its number, what it changed in the recipe, what came of it."""

    number: int
    settings: dict[str, Any]
    verdict: Verdict


@dataclass(frozen=True)
class Asked:
    """Settings to try next; none at all for the recipe's own."""

    trial: Trial
    settings: dict[str, Any]

    @property
    def number(self) -> int:
        """From 0, in the order of the file."""
        return self.trial.number


class Study:
    """A search that goes on where it was left: the recipe's own settings first, then others.

    The same history leads to the same next settings, so that a search that was killed ends
    like one that was not (with one trial at a time).

    Parameters
    ----------
    path
        The SQLite file; made where there is none.
    facts
        What the figures depend on, as plain JSON values. A file of other facts is refused.
    space
        What to vary.
    own
        The recipe's own values of the settings in ``space``.
    method
        ``"grid"`` tries all combinations of the grid values, in an order drawn by ``seed``;
        ``"optuna"`` lets a tree-structured Parzen estimator choose. Numbers that it draws are
        rounded to three digits, so that what is shown is what was tried.
    seed
        Of the order or the draws.

    Raises
    ------
    DataError
        If the file is damaged or no study.
    ParameterError
        If it is of other facts.
    StorageError
        If it cannot be read or written.

    References
    ----------
    Akiba et al., "Optuna", KDD 2019; Bergstra et al., "Algorithms for hyper-parameter
    optimization", NIPS 2011, section 4.
    """

    def __init__(
        self,
        path: Path,
        facts: Mapping[str, Any],
        space: Space,
        own: Mapping[str, Any],
        method: Method,
        seed: int,
    ) -> None:
        self.path = path
        self.space = space
        self.own = own
        self.method = method
        self.seed = seed
        self._grid = _shuffled(grid_of(space), seed) if method == "grid" else []
        with self._told():
            self._storage = optuna.storages.RDBStorage(
                "sqlite:///file", engine_kwargs={"creator": partial(_connect, path)}
            )
            self._study = optuna.create_study(
                storage=self._storage,
                study_name=NAME,
                direction="maximize",
                load_if_exists=True,
                pruner=optuna.pruners.MedianPruner(n_warmup_steps=FIRST_JUDGED),
            )
            self._check_facts(facts)
            self._settle_half_run()

    def ask(self) -> Asked | None:
        """Settings that were not tried yet; None if there are none left."""
        for _ in range(MAX_REPEATS):
            known = self._known()
            chosen = self._choose(known)
            if chosen is None:
                return None
            asked = self._begin(chosen)
            if self._key(asked.settings) not in known:
                return asked
            with self._told():
                asked.trial.set_user_attr("repeated", True)
                self._study.tell(asked.trial, state=TrialState.FAIL)
        return None

    def tell(self, asked: Asked, verdict: Verdict, spent_seconds: float) -> None:
        """Keep what came of a trial, and how long the search has taken so far.

        One that ran out of time counts as not tried: its settings come up again.
        """
        with self._told():
            self._study.set_user_attr("spent_seconds", spent_seconds)
            if verdict.state != "out of time":
                asked.trial.set_user_attr("verdict", vars(verdict))
            self._end(asked.number, verdict)

    def is_worse(self, asked: Asked, epoch: int, accuracy: float) -> bool:
        """Keep a net's accuracy after an epoch; whether it lies below the others' median.

        The first five that end, the recipe's own settings among them, are never worse, and none
        is before its third epoch.
        """
        with self._told():
            asked.trial.report(accuracy, epoch)
            return asked.trial.should_prune()

    def tried(self) -> list[Tried]:
        """All trials that have ended, in their order; those to run again are not among them."""
        with self._told():
            return [
                Tried(trial.number, self._settings(trial), _verdict(trial))
                for trial in self._study.get_trials(deepcopy=False)
                if "verdict" in trial.user_attrs
            ]

    @property
    def spent_seconds(self) -> float:
        """How long the search has taken so far, in all its runs but for what was half run."""
        with self._told():
            return float(self._study.user_attrs.get("spent_seconds", 0.0))

    @property
    def n_settings(self) -> int | None:
        """How many there are to try, the recipe's own included; None if they are drawn."""
        known = {self._key({}), *(self._key(point) for point in self._grid)}
        return len(known) if self.method == "grid" else None

    def close(self) -> None:
        """Let go of the file."""
        self._storage.remove_session()
        self._storage.engine.dispose()

    def _known(self) -> set[str]:
        """What was tried or is being tried."""
        with self._told():
            trials = self._study.get_trials(deepcopy=False)
        return {
            self._key(self._settings(trial))
            for trial in trials
            if "verdict" in trial.user_attrs or trial.state == TrialState.RUNNING
        }

    def _key(self, settings: Mapping[str, Any]) -> str:
        return repr(sorted({**self.own, **settings}.items()))

    def _choose(self, known: set[str]) -> Mapping[str, Any] | None:
        """Settings to set by hand: the recipe's own, or a grid's next; {} to draw them."""
        if self._key({}) not in known:
            return self.own
        if self.method == "optuna":
            return {}
        return next((point for point in self._grid if self._key(point) not in known), None)

    def _begin(self, chosen: Mapping[str, Any]) -> Asked:
        """Begin a trial; of the recipe's own values, those within the space help to draw."""
        with self._told():
            trials = self._study.get_trials(deepcopy=False)
            if chosen and all(trial.state != TrialState.WAITING for trial in trials):
                within = [name for name, value in chosen.items() if value in self.space[name]]
                fixed = {name: _encode(self.space[name], chosen[name]) for name in within}
                self._study.enqueue_trial(fixed, {"own": chosen is self.own, "chosen": within})
            self._study.sampler = optuna.samplers.TPESampler(seed=self._draw_seed(trials))
            trial = self._study.ask()
            for name in trial.user_attrs.get("chosen", self.space):
                _suggest(trial, name, self.space[name])
            return Asked(trial, self._settings(trial))

    def _draw_seed(self, trials: list[FrozenTrial]) -> int:
        """Another one for each draw, but for those that a killed run left half done."""
        half_run = [
            t for t in trials if t.state == TrialState.FAIL and not t.user_attrs.keys() & SETTLED
        ]
        return self.seed * 1_000_003 + len(trials) - len(half_run)

    def _settings(self, trial: Trial | FrozenTrial) -> dict[str, Any]:
        if trial.user_attrs.get("own"):
            return {}
        exact = "chosen" in trial.user_attrs
        return {
            name: _decode(part, trial.params[name], exact)
            for name, part in self.space.items()
            if name in trial.params
        }

    def _end(self, number: int, verdict: Verdict | None) -> None:
        """Tell the file's own state of a trial; without a verdict it is passed over."""
        state = STATES[verdict.state] if verdict else TrialState.FAIL
        value = verdict.accuracy if verdict and verdict.state == "finished" else None
        self._study.tell(number, value, state)

    def _settle_half_run(self) -> None:
        """End what a killed run had begun, so that it is run anew unless it was done."""
        for trial in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            self._end(trial.number, _verdict(trial) if "verdict" in trial.user_attrs else None)

    def _check_facts(self, facts: Mapping[str, Any]) -> None:
        held = self._study.user_attrs.get("facts")
        if held is None:
            self._study.set_user_attr("facts", dict(facts))
            return
        other = [name for name in facts if held.get(name) != facts[name]]
        if other:
            raise ParameterError(
                f"{self.path}: holds a search of {held['recipe']} on {held['dataset']}; it differs "
                f"from the one asked for in {', '.join(other)} ({other[0]} {held.get(other[0])} "
                f"there, {facts[other[0]]} asked for); choose another folder with -o"
            )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Name the file in the errors of the database."""
        try:
            yield
        except (DatabaseError, optuna.exceptions.StorageInternalError) as error:
            raise _name(self.path, error) from error


def _connect(path: Path) -> sqlite3.Connection:
    """Open the file so that a trial costs milliseconds; a killed process still loses nothing."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


def _name(path: Path, error: Exception) -> HdalrError:
    cause = error.__cause__ if isinstance(error, optuna.exceptions.StorageInternalError) else error
    reason = getattr(cause, "orig", None) or error
    if isinstance(cause, OperationalError):
        return StorageError(
            f"{path}: could not be read or written: {reason}; free some space or choose another "
            "folder with -o"
        )
    return DataError(
        f"{path}: damaged, or no study: {reason}; move it away, or choose another folder with -o"
    )


def _suggest(trial: Trial, name: str, part: Range | Choice) -> None:
    if isinstance(part, Choice):
        trial.suggest_categorical(name, [repr(value) for value in part.values])
    elif part.whole:
        trial.suggest_int(name, int(part.low), int(part.high), log=part.log)
    else:
        trial.suggest_float(name, part.low, part.high, log=part.log)


def _encode(part: Range | Choice, value: Any) -> Any:
    return repr(value) if isinstance(part, Choice) else value


def _decode(part: Range | Choice, held: Any, exact: bool) -> Any:
    """The value that the file's entry stands for; a drawn number has three digits."""
    if isinstance(part, Choice):
        return next(value for value in part.values if repr(value) == held)
    if exact or part.whole:
        return held
    return min(max(float(f"{held:.3g}"), part.low), part.high)


def _verdict(trial: FrozenTrial) -> Verdict:
    facts = trial.user_attrs["verdict"]
    return Verdict(**{**facts, "fold_accuracies": tuple(facts["fold_accuracies"])})


def _shuffled(points: list[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    """So that a search that ends early has tried some of every corner."""
    return random.Random(seed).sample(points, len(points))
