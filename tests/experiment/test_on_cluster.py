"""Comparisons and searches on a cluster: the same outcome, whoever is killed on the way."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.dask_cluster import Cluster, wait_for

from hdalr.cluster import open_cluster
from hdalr.datasets.dataset import Dataset
from hdalr.errors import ClusterError, ParameterError
from hdalr.evaluation.records import load_records
from hdalr.experiment import Comparison, Outcome, compare
from hdalr.experiment.held import PREFIX, hold
from hdalr.experiment.search import Search, search
from hdalr.experiment.workers import GPU, needs_of
from hdalr.recipes import RECIPES, Recipe
from hdalr.recipes.spaces import Choice

pytestmark = pytest.mark.slow

KNN, BAYES = RECIPES["paper.knn"], RECIPES["paper.naive-bayes"]
GRID = dataclasses.replace(
    RECIPES["paper.svm-rbf"],
    parameters={**RECIPES["paper.svm-rbf"].parameters, "C": (1.0, 10.0), "gamma": (0.01, 0.1)},
)


def run(dataset: Dataset, folder: Path, *recipes: Recipe, **settings: Any) -> list[Outcome]:
    return list(compare(Comparison(dataset, list(recipes), folder, **settings)))


def essence(outcomes: list[Outcome]) -> dict[tuple[str, int], Any]:
    """What a row found, without times."""
    records = [outcome.record for outcome in outcomes if outcome.record is not None]
    return {
        (record["recipe"], record["seed"]): (record["predictions"], record["log_loss"],
                                             record["search"])
        for record in records
    }  # fmt: skip


def test_rows_and_folds_on_a_cluster_give_the_same_records(
    bars: Dataset, tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HDALR_INTELEX", "0")  # its last digits hang on the number of threads
    for _ in range(2):
        cluster.add_worker()
    alone = run(bars, tmp_path / "alone", KNN, BAYES, GRID, seeds=2)
    there = run(bars, tmp_path / "there", KNN, BAYES, GRID, seeds=2, cluster=cluster.address)
    found, expected = essence(there), essence(alone)
    assert found.keys() == expected.keys()
    for row, (predictions, loss, tried) in expected.items():
        assert found[row][0] == predictions
        assert found[row][1] == pytest.approx(loss, rel=1e-5)
        assert found[row][2] == tried
    with open_cluster(address=cluster.address) as client:
        kinds = client.run_on_scheduler(lambda dask_scheduler: set(dask_scheduler.task_prefixes))
    assert any("fit" in kind for kind in kinds), kinds  # folds went through the scheduler


def test_a_killed_worker_costs_no_row(bars: Dataset, tmp_path: Path, cluster: Cluster) -> None:
    first = cluster.add_worker()
    cluster.add_worker()
    plan = Comparison(bars, [KNN, BAYES], tmp_path, seeds=6, cluster=cluster.address)
    outcomes = []
    for outcome in compare(plan):
        if not outcomes:
            first.send_signal(signal.SIGKILL)
        outcomes.append(outcome)
    assert len(essence(outcomes)) == len(load_records(tmp_path)) == 12


def test_a_lost_scheduler_keeps_what_is_finished(
    bars: Dataset, tmp_path: Path, cluster: Cluster
) -> None:
    cluster.add_worker()
    plan = Comparison(bars, [KNN, BAYES], tmp_path, seeds=6, cluster=cluster.address)
    outcomes = compare(plan)
    next(outcomes)
    cluster.scheduler.send_signal(signal.SIGKILL)
    cluster.scheduler.wait()
    with pytest.raises(ClusterError, match="the scheduler was lost; what is finished is kept"):
        list(outcomes)
    kept = len(load_records(tmp_path))
    assert kept >= 1
    again = run(bars, tmp_path, KNN, BAYES, seeds=6)
    assert sum(outcome.kept for outcome in again) == kept
    assert len(essence(again)) == 12


def test_what_a_killed_client_left_on_the_workers_is_taken_away(
    bars: Dataset, cluster: Cluster
) -> None:
    cluster.add_worker()
    code = (
        "import os, sys\n"
        "from distributed import Client\n"
        "from hdalr.experiment.held import hold\n"
        "client = Client(sys.argv[1])\n"
        "held = hold(client, None)\n"
        "held.__enter__()\n"
        "os.kill(os.getpid(), 9)\n"
    )
    with open_cluster(address=cluster.address) as client, hold(client, bars) as held:

        def names() -> set[str]:
            found = client.run_on_scheduler(lambda dask_scheduler: [*dask_scheduler.worker_plugins])
            return {name for name in found if name.startswith(PREFIX)}

        def clients() -> list[str]:
            found = client.run_on_scheduler(lambda dask_scheduler: [*dask_scheduler.clients])
            return [name for name in found if name.startswith("Client-")]

        subprocess.run([sys.executable, "-c", code, cluster.address], check=False, timeout=60)
        assert len(names()) == 2
        wait_for(lambda: len(clients()) == 1)
        with hold(client, bars) as another:
            assert names() == {held, another}
        assert names() == {held}


def test_a_search_on_a_cluster_finds_the_same(
    bars: Dataset, tmp_path: Path, cluster: Cluster
) -> None:
    for _ in range(2):
        cluster.add_worker()
    alone = search(Search(bars, KNN, tmp_path / "alone", method="grid", folds=3))
    there = search(
        Search(bars, KNN, tmp_path / "there", method="grid", folds=3, cluster=cluster.address)
    )
    assert sorted((str(t.settings), t.verdict.n_right) for t in there.tried) == sorted(
        (str(t.settings), t.verdict.n_right) for t in alone.tried
    )


@dataclasses.dataclass
class Asked:
    recipe: Recipe
    device: str


def test_nets_need_a_gpu_where_a_worker_declares_one(cluster: Cluster) -> None:
    def needs(recipe: str, device: str) -> dict[str, float]:
        return needs_of(client, lambda one: one)(Asked(RECIPES[recipe], device))

    cluster.add_worker("--name", "plain")
    with open_cluster(address=cluster.address) as client:
        client.wait_for_workers(1)
        assert needs("paper.lstm", "auto") == needs("paper.knn", "auto") == {}
        assert needs("paper.lstm", "cuda") == {GPU: 1}
        cluster.add_worker("--name", "strong", "--resources", f"{GPU}=1")
        client.wait_for_workers(2)
        assert needs("paper.lstm", "auto") == {GPU: 1}
        assert needs("paper.knn", "auto") == needs("paper.lstm", "cpu") == {}


def test_nets_of_a_comparison_and_of_a_search_go_to_the_gpu(
    bars: Dataset, small_cnn: Recipe, tmp_path: Path, cluster: Cluster
) -> None:
    (tmp_path / "without" / "torch").mkdir(parents=True)
    (tmp_path / "without" / "torch" / "__init__.py").write_text("raise ImportError('no nets here')")
    cluster.add_worker(path=str(tmp_path / "without"))
    cluster.add_worker("--resources", f"{GPU}=1")
    with open_cluster(address=cluster.address) as client:
        client.wait_for_workers(2)
    outcomes = run(bars, tmp_path / "rows", small_cnn, KNN, seeds=3, cluster=cluster.address)
    assert [o.failure for o in outcomes if o.failure] == []
    space = {"dropout": Choice((0.0, 0.5))}
    plan = Search(bars, small_cnn, tmp_path / "tried", space, "grid", cluster=cluster.address)
    assert {tried.verdict.state for tried in search(plan).tried} == {"finished"}


def test_jobs_do_not_go_with_a_cluster(bars: Dataset, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="--jobs 2 does not go with --cluster"):
        run(bars, tmp_path, KNN, jobs=2, cluster="tcp://127.0.0.1:1")
    with pytest.raises(ParameterError, match="--jobs 2 does not go with --cluster"):
        search(Search(bars, KNN, tmp_path, jobs=2, cluster="tcp://127.0.0.1:1"))
