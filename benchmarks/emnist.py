"""Measure the net for characters on EMNIST's test part, of 62 labels and of the 47 merged ones.

Usage::

    HDALR_DATA_DIR=... python benchmarks/emnist.py -o docs/results/emnist-characters.json

``emnist/emnist-union.npz`` holds 200 test pictures of each of the 47 labels; no shipped net has
learnt from them. The 47 labels take the two cases of C, I, J and twelve more letters for one (Cohen
et al. 2017, section II.B); their probabilities are added up, as `Reader.read` does with ``merge``.
Pictures go to the net as they are, without the steps that find writing on a page.
"""

from __future__ import annotations

import sys

import numpy as np
from held_out import NAME, load_held_out
from recording import describe_run, in_percent, make_parser, put_record, run_main, share

from hdalr.datasets.emnist_union import MERGED
from hdalr.images.batch import Images, Labels
from hdalr.reading.reader import Reader


def main() -> None:
    """Measure, and write the record."""
    options = make_parser(__doc__).parse_args()
    test = load_held_out()
    images, labels = test.known()
    record = {
        "data": NAME,
        "n": len(images),
        **judge(Reader(options.model), images, labels, test.characters),
        **describe_run("emnist.py", options),
    }
    for name in ("right_62", "right_47"):
        print(f"{name} {in_percent(record, name)} of {len(images)}", file=sys.stderr)
    put_record(record, options.output)


def judge(
    reader: Reader, images: Images, labels: Labels, characters: tuple[str, ...]
) -> dict[str, object]:
    """Shares of pictures whose most probable label is right, of all and of the merged ones."""
    log_probs, known = reader.character_log_probs(list(images))
    shares = np.exp(log_probs[:, : len(known)])
    true = [characters[label] for label in labels]
    merged = list(dict.fromkeys(map(merge, known)))
    columns = np.array([[merge(label) == one for one in merged] for label in known])
    best = [known[place] for place in shares.argmax(axis=1)]
    best_merged = [merged[place] for place in (shares @ columns).argmax(axis=1)]
    pairs = list(zip(true, best, best_merged, strict=True))
    return {
        **share("right_62", [one == read for one, read, _ in pairs]),
        **share("right_47", [merge(one) == read for one, _, read in pairs]),
    }


def merge(character: str) -> str:
    """The label of EMNIST's 47 that stands for a character."""
    return character.upper() if character in MERGED else character


if __name__ == "__main__":
    run_main(main)
