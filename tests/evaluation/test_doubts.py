import numpy as np

from hdalr.evaluation.doubts import MOST_SHOWN, doubt_labels
from hdalr.evaluation.summary import summarise


def with_answers(new_record, rows, *answers, labels):
    """One record a list of answers, judged on the same images."""
    return summarise(
        new_record(
            rows[place],
            n_test=len(labels),
            test_labels=list(labels),
            predictions=list(said),
            accuracy=float(np.mean(np.equal(said, labels))),
        )
        for place, said in enumerate(answers)
    )


def test_images_that_every_good_row_calls_otherwise_are_found(new_record, rows):
    labels = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    answers = (
        [9, 1, 8, 3, 4, 5, 6, 7, 8, 9],
        [9, 1, 7, 3, 4, 5, 6, 7, 8, 9],
        [9, 0, 8, 3, 4, 5, 6, 7, 8, 9],
        [0, 1, 2, 0, 0, 0, 0, 0, 0, 0],  # so bad that it has no say
    )
    (table,) = doubt_labels(with_answers(new_record, rows, *answers, labels=labels), {})
    found = [(one.index, one.label, one.said, one.n_agree) for one in table.doubts]
    assert found == [(0, "0", "9", 3), (2, "2", "8", 2)]
    assert table.n_found == 2
    assert len(table.titles) == 3
    assert table.doubts[0].source == ""


def test_a_picture_is_shown_where_it_is_at_hand(new_record, rows):
    labels, answers = [0, 1, 1, 1], [[1, 1, 1, 1]] * 3
    judged = with_answers(new_record, rows, *answers, labels=labels)
    pictures = {judged[0].first["test_digest"]: np.zeros((4, 8, 8), np.uint8)}
    (table,) = doubt_labels(judged, pictures)
    assert table.doubts[0].source.startswith("data:image/png;base64,")


def test_two_rows_are_too_few_to_doubt_a_label(new_record, rows):
    labels, answers = [0, 1, 1, 1], [[1, 1, 1, 1]] * 2
    assert doubt_labels(with_answers(new_record, rows, *answers, labels=labels), {}) == []


def test_where_no_image_is_in_doubt_there_is_no_table(new_record, rows):
    labels, answers = [0, 1], [[0, 1]] * 3
    assert doubt_labels(with_answers(new_record, rows, *answers, labels=labels), {}) == []


def test_a_long_list_is_cut_and_says_how_long_it_is(new_record, rows):
    labels, answers = [0] * 100, [[1] * 100] * 3
    (table,) = doubt_labels(with_answers(new_record, rows, *answers, labels=labels), {})
    assert table.n_found == 100
    assert [one.index for one in table.doubts] == list(range(MOST_SHOWN))
