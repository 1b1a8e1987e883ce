import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdalr.errors import UnknownNameError
from hdalr.reading import checks
from hdalr.reading.checks import CHECKS, find_check

NUMBERS = st.text("0123456789", min_size=1, max_size=15)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("luhn", ["79927398713", "4111 1111 1111 1111", "18"], ["79927398710", "0", "", "1x8"]),
        ("verhoeff", ["2363", "123451", "84736430954837284567892"], ["2364", "", "0"]),
        ("ean13", ["4006381333931", "978-3-16-148410-0"], ["4006381333932", "0000000000", ""]),
        (
            "mod97",
            ["DE89370400440532013000", "gb82west12345698765432"],
            # The sums of the last two are right, but 0 and 1 stand for 97 and 98.
            ["DE88370400440532013000", "8937", "", "GB000000000033", "GB010000000015"],
        ),
        ("date-iso", ["2024-02-29", "20240229", "1999.12.31"], ["2023-02-29", "2024-2-29", ""]),
        (
            "date-dmy",
            ["29.2.2024", "01/02/03", "010203", "31121999"],
            ["29.2.2023", "1.2/2003", "123", "0.1.2000", "1/13/2000", ""],
        ),
        ("date-mdy", ["12/31/1999", "2-29-24", "123199"], ["31/12/1999", "2-30-24", ""]),
        (
            "amount",
            ["0", "1", "1,234", "1.234.567,89", "12'345.00", "1 000", "0,50"],
            ["", "00", "1,2345", "1,234,56.7", "1.234.50", "1.234,567.00", ".50", "-5", "٣"],
        ),
    ],
)
def test_worked_examples(name, good, bad):
    check = find_check(name)
    assert [text for text in good if not check(text)] == []
    assert [text for text in bad if check(text)] == []


@pytest.mark.parametrize("name", CHECKS)
@settings(deadline=None)
@given(text=st.text("0123456789-/., :AZaz'٣é०\n\x00", max_size=30))
def test_every_check_answers_any_text(name, text):
    assert CHECKS[name](text) in (True, False)


@pytest.mark.parametrize("check", [checks.luhn, checks.verhoeff])
@settings(deadline=None)
@given(number=NUMBERS, data=st.data())
def test_one_digit_completes_a_number_and_one_wrong_digit_is_found(check, number, data):
    complete = [number + digit for digit in "0123456789" if check(number + digit)]
    assert len(complete) == 1
    place = data.draw(st.integers(0, len(number)))
    other = data.draw(st.sampled_from(sorted(set("0123456789") - {complete[0][place]})))
    assert not check(complete[0][:place] + other + complete[0][place + 1 :])


@settings(deadline=None)
@given(number=NUMBERS, place=st.integers(0, 14))
def test_verhoeff_finds_swaps_of_neighbours(number, place):
    text = next(number + digit for digit in "0123456789" if checks.verhoeff(number + digit))
    place %= len(text) - 1
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    assert checks.verhoeff(swapped) == (swapped == text)


def test_an_unknown_check_lists_those_that_exist():
    with pytest.raises(UnknownNameError, match="did you mean 'luhn'"):
        find_check("lunh")
