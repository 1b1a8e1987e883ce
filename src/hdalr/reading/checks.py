"""Checks that a text can be asked to pass: check digits, dates, amounts.

A check says of a whole text whether it holds. It is no automaton: the sum behind a check digit
multiplies the states of a pattern by its modulus. Reading takes the most probable text of a growing
list of the best ones that passes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from hdalr.errors import UnknownNameError

# Verhoeff 1969: multiplication in the dihedral group D5, and the permutation of a place.
_DIHEDRAL = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
_PERMUTATION = "1576283094"  # 0 to 1, 1 to 5, ...

_AMOUNT = re.compile(r"[0-9]+|[0-9]{1,3}(?P<group>[ .,'])[0-9]{3}(?:(?P=group)[0-9]{3})*")
_CENTS = re.compile(r"(?P<whole>.*)(?P<point>[.,])[0-9]{2}")


def luhn(text: str) -> bool:
    """Check a number whose last digit is Luhn's: bank cards, IMEI (US patent 2950048, 1960).

    Examples
    --------
    >>> luhn("4539 1488 0343 6467"), luhn("4539 1488 0343 6468")
    (True, False)
    """
    digits = _digits(text)
    doubled = [digit if place % 2 == 0 else 2 * digit for place, digit in enumerate(digits[::-1])]
    return len(digits) > 1 and sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def verhoeff(text: str) -> bool:
    """Check a number whose last digit is Verhoeff's: it finds all swaps of neighbours (1969).

    Examples
    --------
    >>> verhoeff("2363"), verhoeff("2633")
    (True, False)
    """
    digits = _digits(text)
    check = 0
    for place, digit in enumerate(digits[::-1]):
        for _ in range(place % 8):
            digit = int(_PERMUTATION[digit])
        check = int(_DIHEDRAL[check][digit])
    return len(digits) > 1 and check == 0


def ean13(text: str) -> bool:
    """Check an article number of 13 digits (EAN-13, GTIN-13, ISBN-13).

    Examples
    --------
    >>> ean13("978-0-306-40615-7"), ean13("978-0-306-40615-8")
    (True, False)
    """
    digits = _digits(text)
    return len(digits) == 13 and (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


def mod97(text: str) -> bool:
    """Check an international bank account number (ISO 13616; the sum is that of ISO 7064, 97-10).

    Capitals and small letters are the same. The check digits are 98 minus a remainder of 97, and so
    from 02 to 98.

    Examples
    --------
    >>> mod97("GB82 WEST 1234 5698 7654 32"), mod97("GB28 WEST 1234 5698 7654 32")
    (True, False)
    """
    bare = text.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]{2}(?!00|01|99)[0-9]{2}[A-Z0-9]{1,30}", bare):
        return False
    return int("".join(str(int(sign, 36)) for sign in bare[4:] + bare[:4])) % 97 == 1


def date_iso(text: str) -> bool:
    """Check a date as year, month, day (ISO 8601), with or without separators.

    Examples
    --------
    >>> date_iso("2024-02-29"), date_iso("20230229")
    (True, False)
    """
    return _is_date(text, r"(?P<year>\d{4})(?P<gap>[-/. ]?)(?P<month>\d\d)(?P=gap)(?P<day>\d\d)")


def date_dmy(text: str) -> bool:
    """Check a date as day, month, year, with or without separators.

    Day and month have one or two digits, two where no separator follows; the year has two, of
    2000 to 2099, or four.

    Examples
    --------
    >>> date_dmy("31.12.1999"), date_dmy("12/31/1999"), date_dmy("311299")
    (True, False, True)
    """
    return _is_date(text, *_orders("day", "month"))


def date_mdy(text: str) -> bool:
    """Check a date as month, day, year, with or without separators, else as `date_dmy`.

    Examples
    --------
    >>> date_mdy("31.12.1999"), date_mdy("12/31/1999"), date_mdy("2/3/04")
    (False, True, True)
    """
    return _is_date(text, *_orders("month", "day"))


def amount(text: str) -> bool:
    """Check an amount of money: no needless zero in front, groups of three, two digits of cents.

    Examples
    --------
    >>> [amount(text) for text in ("1,234.50", "1.234,50", "1234", "0.99")]
    [True, True, True, True]
    >>> [amount(text) for text in ("01234", "1,23", "12,34.50", "1.234.50")]
    [False, True, False, False]
    """
    cents = _CENTS.fullmatch(text)
    whole = cents["whole"] if cents else text
    found = _AMOUNT.fullmatch(whole)
    if not found or (whole[0] == "0" and len(whole) > 1):
        return False
    return not cents or found["group"] != cents["point"]


CHECKS: dict[str, Callable[[str], bool]] = {
    "amount": amount,
    "date-dmy": date_dmy,
    "date-iso": date_iso,
    "date-mdy": date_mdy,
    "ean13": ean13,
    "luhn": luhn,
    "mod97": mod97,
    "verhoeff": verhoeff,
}


def find_check(name: str) -> Callable[[str], bool]:
    """Find a check by its name in `CHECKS`.

    Raises
    ------
    UnknownNameError
        If there is none of this name; it lists those that exist.

    Examples
    --------
    >>> find_check("luhn")("79927398713")
    True
    """
    if name not in CHECKS:
        raise UnknownNameError("check", name, CHECKS)
    return CHECKS[name]


def _digits(text: str) -> list[int]:
    """Give the digits 0 to 9, without spaces and hyphens; none if there is anything else."""
    bare = text.replace(" ", "").replace("-", "")
    return [int(digit) for digit in bare] if re.fullmatch(r"[0-9]+", bare) else []


def _orders(first: str, second: str) -> tuple[str, str]:
    year = r"(?P<year>\d{4}|\d\d)"
    apart = rf"(?P<{first}>\d\d?)(?P<gap>[-/. ])(?P<{second}>\d\d?)(?P=gap){year}"
    return apart, rf"(?P<{first}>\d\d)(?P<{second}>\d\d){year}"


def _is_date(text: str, *forms: str) -> bool:
    for form in forms:
        if found := re.fullmatch(form, text, re.ASCII):
            year = int(found["year"])
            try:
                date(year if len(found["year"]) == 4 else 2000 + year, *_month_day(found))
            except ValueError:
                return False
            return True
    return False


def _month_day(found: re.Match[str]) -> tuple[int, int]:
    return int(found["month"]), int(found["day"])
