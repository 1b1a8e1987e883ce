"""Lexicons: a list of words becomes an automaton that accepts just these."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hdalr.errors import DataError, ParameterError
from hdalr.reading.alphabets import check_labels
from hdalr.reading.automaton import Automaton, any_text
from hdalr.reading.separators import is_silent
from hdalr.storage import read_limited

MAX_WORDS = 200_000
MAX_WORD = 100  # characters in a word
MAX_FILE_BYTES = 64_000_000


def read_lexicon(path: Path) -> list[str]:
    """Read a file of words: UTF-8 text, one word a line.

    Space around a word is dropped, and so is a byte order mark. A blank line stays as an empty
    word, so that the number of a word is that of its line.

    Raises
    ------
    DataError
        If the file cannot be read, is not UTF-8, holds no word, or has more than 64 MB.
    """
    path = Path(path)
    content = read_limited(path, MAX_FILE_BYTES, "a shorter lexicon")
    try:
        words = [line.strip() for line in content.decode("utf-8-sig").split("\n")]
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DataError(f"{path}, line {line}: not UTF-8 text; expected one word a line") from error
    if not any(words):
        raise DataError(f"{path}: no words; expected one a line")
    return words


def compile_lexicon(words: Iterable[str], alphabet: Sequence[str]) -> Automaton:
    """Compile words to the automaton that accepts them and nothing else.

    It is a trie: each state is what some words begin with. Separators that are not in the
    alphabet, such as a hyphen, are passed over in reading and written, as in a pattern.

    Parameters
    ----------
    words
        At most 200,000 of at most 100 characters; one may be there twice, and empty ones are
        passed over.
    alphabet
        The labels: a string of characters, or a sequence where a label may have several.

    Raises
    ------
    ParameterError
        If a word holds what is neither in the alphabet nor a separator (the message says which
        word, counted from 1), if there are no words, or if they are too many or too long.

    Examples
    --------
    >>> towns = compile_lexicon(["Ulm", "Bonn", "Baden-Baden"], "BUabdelmno")
    >>> towns.accepts("Baden-Baden"), towns.accepts("Baden"), len(towns)
    (True, False, 18)
    """
    listed = _check_words(words, check_labels(alphabet))
    return _trie(sorted(set(listed) - {""}))


def _check_words(words: Iterable[str], labels: tuple[str, ...]) -> list[str]:
    listed = []
    for number, word in enumerate(words, 1):
        if not isinstance(word, str) or len(word) > MAX_WORD:
            shown = repr(word)[:40]
            raise ParameterError(
                f"lexicon, word {number}, {shown}: expected text of at most {MAX_WORD} characters"
            )
        if number > MAX_WORDS:
            raise ParameterError(f"lexicon: more than {MAX_WORDS} words; expected fewer")
        listed.append(word)
    if not any(listed):
        raise ParameterError("lexicon: no words; expected at least one")
    _check_characters(listed, labels)
    return listed


def _check_characters(words: list[str], labels: tuple[str, ...]) -> None:
    known = frozenset(character for label in labels for character in label)
    found = set().union(*words)
    silent = [character for character in found if is_silent(character, known)]
    allowed = any_text((*labels, *silent))
    if found <= {*labels, *silent}:
        return
    for number, word in enumerate(words, 1):
        if not allowed.accepts(word):
            raise ParameterError(
                f"lexicon, word {number}, {word!r}: not made of the alphabet "
                f"{''.join(labels)[:80]}; besides it expected punctuation, symbols or spaces only"
            )


def _trie(words: list[str]) -> Automaton:
    """Number the beginnings of sorted words by length and then by character."""
    sources, codes = [np.zeros(0, np.int64)], [np.zeros(0, np.uint32)]
    ends = [np.zeros(0, np.int64)]
    states = np.zeros(len(words), np.int64)  # of each word, as far as it has been followed
    n_states = 1
    depth = 0
    while words:
        column = _column(words, depth)
        new = np.ones(len(words), bool)
        new[1:] = (states[1:] != states[:-1]) | (column[1:] != column[:-1])
        sources.append(states[new])
        codes.append(column[new])
        states = n_states - 1 + np.cumsum(new)
        n_states += int(new.sum())
        depth += 1
        longer = np.fromiter((len(word) > depth for word in words), bool, len(words))
        ends.append(states[~longer])
        states = states[longer]
        words = [word for word in words if len(word) > depth]
    final = np.zeros(n_states, bool)
    final[np.concatenate(ends)] = True
    counts = np.bincount(np.concatenate(sources), minlength=n_states)
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Automaton(first, np.concatenate(codes), np.arange(1, n_states, dtype=np.int64), final)


def _column(words: list[str], depth: int) -> NDArray[np.uint32]:
    characters = "".join([word[depth] for word in words])
    return np.frombuffer(characters.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))
