"""Invented results: eleven plausible rows, so that tables and figures need no training."""

import json
import string

import numpy as np
import pytest

from hdalr.evaluation.metrics import judge
from hdalr.images.corruptions import CORRUPTIONS

DIGITS = tuple(string.digits)
BALANCED = (*string.digits, *string.ascii_uppercase, *"abdefghnqrt")
# recipe, title, family, chance of a right answer, the paper's figure and its split
ROWS = (
    ("paper.decision-tree", "Decision tree", "Decision tree", 0.87, 0.852, "test"),
    ("paper.random-forest", "Random forest", "Random forest", 0.94, 0.941, "test"),
    ("paper.knn", "k-nearest neighbours", "k-NN", 0.969, 0.969, "test"),
    ("paper.naive-bayes", "Naive Bayes", "Naive Bayes", 0.81, 0.806, "test"),
    ("paper.svm-linear", "SVM, linear", "SVM", 0.912, 0.913, "test"),
    ("paper.svm-rbf-default", "SVM, RBF, default C and gamma", "SVM", 0.934, 0.934, "test"),
    ("paper.svm-rbf", "SVM, RBF, grid search", "SVM", 0.945, 0.944, "test"),
    ("paper.ann", "Artificial neural network", "ANN", 0.978, None, "test"),
    ("paper.lstm", "LSTM, as listed", "LSTM", 0.975, 0.976, "validation"),
    ("paper.cnn", "CNN, as listed", "CNN", 0.9905, 0.9905, "validation"),
    ("paper.cnn-text", "CNN, as the text says", "CNN", 0.96, 0.9905, "validation"),
)
NETS = ("ANN", "LSTM", "CNN")
DRAWN = {
    "paper.decision-tree": "Fig. 2",
    "paper.naive-bayes": "Fig. 6",
    "paper.svm-rbf": "Fig. 7",
    "paper.cnn": "Fig. 8",
}


def make_record(row=ROWS[0], *, dataset="mnist", classes=DIGITS, n_test=1000, seed=0, **changes):
    """One record whose measures fit its invented answers."""
    recipe, title, family, chance, paper, split = row
    random = np.random.default_rng([seed, *recipe.encode()])
    labels = np.random.default_rng(1).integers(0, len(classes), n_test)
    wrong = random.random(n_test) > chance
    slips = np.minimum(random.geometric(0.4, n_test), len(classes) - 1)
    predictions = np.where(wrong, (labels + slips) % len(classes), labels)
    probabilities = random.dirichlet(np.full(len(classes), 0.05), n_test) * 0.4
    probabilities[np.arange(n_test), predictions] += 0.6
    net = family in NETS
    return {
        "schema": 1,
        "fingerprint": f"{recipe}-{seed}",
        "recipe": recipe,
        "title": title,
        "family": family,
        "dataset": dataset,
        "classes": list(classes),
        "seed": seed,
        "limit": None,
        "protocol": "the whole of the train part; judged on the test part",
        "parameters": {"epochs": 12, "batch_size": 112} if net else {"criterion": "gini"},
        "demo": {},
        "source": f"section 4, {DRAWN.get(recipe, 'Table 2')}",
        "assumed": ["60,000 pictures to train: the paper gives no number"],
        "matched": ["K = 3: the paper names none"] if family == "k-NN" else [],
        "paper": {
            "accuracy": paper,
            "split": split,
            "dataset": "mnist",
            "where": "Table 2",
        },
        "difference": "the paper does not say how many pictures this row was trained on",
        "n_train": 54_000 if net else 60_000,
        "n_validation": 6_000 if net else 0,
        "n_test": n_test,
        "test_part": "official test part",
        "test_digest": f"{dataset}-{n_test}",
        **judge(labels, predictions, probabilities, classes),
        "test_labels": labels.tolist(),
        "predictions": predictions.tolist(),
        "class_distribution": {
            part: {name: n // len(classes) + 7 * place for place, name in enumerate(classes)}
            for part, n in (("train", 6 * n_test), ("test", n_test))
        },
        "fit_seconds": 12.3,
        "predict_seconds": 0.4,
        "predict_microseconds_per_image": 41.2,
        "n_parameters": 375_727,
        "model_bytes": 1_502_908,
        "peak_memory_bytes": 812_000_000,
        "learning_curve": make_curve(chance) if net else [],
        "tree": make_tree(random, 3) if family == "Decision tree" else None,
        "search": make_search() if recipe == "paper.svm-rbf" else [],
        "versions": {"python": "3.11", "numpy": "2.2", "hdalr": "0.1.0"},
        "hardware": {"cpu": "an invented processor", "cores": 2, "device": "cpu"},
        "command": "hdalr compare --data mnist",
        "finished": "2025-01-01T00:00:00+00:00",
        **changes,
    }


def make_curve(best):
    return [
        {
            "epoch": epoch,
            "loss": 0.9 / epoch,
            "accuracy": min(1.0, best + 0.01 - 0.2 / epoch),
            "validation_loss": 0.8 / epoch + 0.03,
            "validation_accuracy": best - 0.15 / epoch,
            "seconds": 3.1,
        }
        for epoch in range(1, 13)
    ]


def make_tree(random, depth):
    return {
        "row": int(random.integers(28)) if depth else None,
        "column": int(random.integers(28)) if depth else None,
        "threshold": 127.5 if depth else None,
        "n_images": 60_000 >> (3 - depth),
        "label": str(random.integers(10)),
        "share": float(random.uniform(0.2, 0.9)),
        "children": [make_tree(random, depth - 1) for _ in range(2)] if depth else [],
    }


def make_search():
    return [
        {
            "parameters": {"C": c, "gamma": gamma},
            "mean": 0.945 - 0.004 * abs(c - 15) / 15 - 0.01 * abs(np.log10(gamma / 0.001)),
            "spread": 0.003,
        }
        for c in (1.0, 5.0, 15.0, 50.0)
        for gamma in (0.0001, 0.001, 0.01)
    ]


def make_ablation(row, preprocessing, noise, seed=0):
    recipe, title, family, chance, *_ = row
    gain = {"none": 0, "noise-reduction": 0.004, "resizing": 0.009, "cropping": -0.006}
    change = gain.get(preprocessing, 0.012) * (3 if noise == "noisy" else 1)
    base = chance - (0.11 if noise == "noisy" else 0)
    keys = ("schema", "dataset", "parameters", "fit_seconds", "versions", "hardware", "command")
    record = make_record(row)
    return {
        **{key: record[key] for key in keys},
        "fingerprint": f"{recipe}-{preprocessing}-{noise}",
        "recipe": recipe,
        "title": title,
        "family": family,
        "preprocessing": preprocessing,
        "noise": noise,
        "accuracy": base + change,
        "n_train": 4000,
        "n_test": 1000,
        "seed": seed,
        "finished": record["finished"],
    }


def make_beyond(row, seed=0):
    """What a row answers beyond its test part."""
    random = np.random.default_rng([seed, *row[0].encode()])
    accuracies = {name: float(row[3] * random.uniform(0.3, 1)) for name in CORRUPTIONS}
    corrupted = {"n": 200, "clean": row[3], "accuracies": accuracies}
    set_names = ("semeion", "hwd1000")
    sets = [
        {"dataset": name, "n": 100, "accuracy": 0.5 + 0.01 * seed, "interval": [0.4, 0.6]}
        for name in set_names
    ]
    return {"corruptions": corrupted, "transfer": sets}


def make_sized(row, size, seed=0, dataset="mnist"):
    """One row that learned from so many images."""
    ablation = make_ablation(row, "none", "clean", seed)
    result = {
        key: value for key, value in ablation.items() if key not in ("preprocessing", "noise")
    }
    accuracy = row[3] * (1 - size**-0.4) - 0.003 * seed
    return {
        **result,
        "dataset": dataset,
        "size": size,
        "n_train": size,
        "accuracy": accuracy,
        "test_digest": "some",
    }


def write_results(
    folder,
    *,
    dataset="mnist",
    classes=DIGITS,
    n_test=1000,
    seeds=1,
    rows=ROWS,
    beyond=False,
):
    """A results folder as the experiment leaves it, failures and ablation included."""
    how = {"dataset": dataset, "classes": classes, "n_test": n_test}
    for row in rows:
        for seed in range(seeds):
            demo = {"epochs": [12, 30]} if row[2] == "CNN" and dataset == "digits" else {}
            more = make_beyond(row, seed) if beyond else {}
            record = make_record(row, seed=seed, demo=demo, **how, **more)
            put(folder / "records" / f"{row[0]}-seed{seed}.json", record)
    failure = {"title": "CNN for EMNIST, as listed", "dataset": dataset, "seed": 0}
    failure |= {
        "recipe": "paper.cnn-emnist",
        "reason": "its 47 classes are not those of this set",
        "status": "not applicable",
    }
    put(folder / "failures" / "paper.cnn-emnist-seed0.json", failure)
    for row in rows[:3]:
        for step in ("none", "noise-reduction", "resizing", "cropping", "all"):
            for noise in ("clean", "noisy"):
                result = make_ablation(row, step, noise)
                put(folder / "ablation" / f"{row[0]}-{step}-{noise}.json", result)
    for row in rows[:2] if beyond else ():
        for size in (100, 1000, 10_000):
            for seed in range(2):
                result = make_sized(row, size, seed, dataset)
                put(folder / "sizes" / f"{row[0]}-{size}-seed{seed}.json", result)
    command = f"hdalr compare --data {dataset}"
    names = [row[0] for row in rows]
    names.insert(1, "paper.cnn-emnist")
    how = {"recipes": names, "seeds": seeds, "dataset": dataset, "command": command}
    put(folder / "comparison.json", how)
    return folder


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def new_record():
    return make_record


@pytest.fixture
def new_results():
    return write_results


@pytest.fixture
def new_beyond():
    return make_beyond


@pytest.fixture
def new_sized():
    return make_sized


@pytest.fixture(scope="session")
def rows():
    return ROWS


@pytest.fixture(scope="session")
def balanced_classes():
    return BALANCED
