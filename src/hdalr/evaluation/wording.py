"""How figures are written in tables: one wording for percentages, times, sizes and p values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"


def percent(fraction: float) -> str:
    """Two decimals, without the sign: the column's head says "%".

    Examples
    --------
    >>> percent(0.9937)
    '99.37'
    """
    return f"{100 * fraction:.2f}"


def interval(ends: Sequence[float]) -> str:
    """Both ends in per cent.

    Examples
    --------
    >>> interval([0.9919, 0.9951])
    '99.19–99.51'
    """
    return DASH.join(percent(end) for end in ends)


def points(difference: float) -> str:
    """A difference of two fractions in percentage points, always with its sign.

    Examples
    --------
    >>> points(0.0123), points(-0.004)
    ('+1.23', '−0.40')
    """
    return f"{100 * difference:+.2f}".replace("-", MINUS)


def count(number: int) -> str:
    """A whole number with commas.

    Examples
    --------
    >>> count(375727)
    '375,727'
    """
    return f"{number:,}"


def seconds(duration: float) -> str:
    """A duration with about three digits.

    Examples
    --------
    >>> seconds(0.0123), seconds(42.3), seconds(3780)
    ('0.012 s', '42.3 s', '1 h 03 min')
    """
    if duration < 1:
        return f"{duration:.3f} s"
    if duration < 100:
        return f"{duration:.1f} s"
    minutes, rest = divmod(round(duration), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def on_device(words: str, device: str) -> str:
    """A time, and what it was measured on unless that is a processor.

    Examples
    --------
    >>> on_device("42.3 s", "NVIDIA H200"), on_device("42.3 s", "cpu")
    ('42.3 s (NVIDIA H200)', '42.3 s')
    """
    return words if device == "cpu" else f"{words} ({device})"


def microseconds(duration: float) -> str:
    """Microseconds an image, with commas; one decimal below 10.

    Examples
    --------
    >>> microseconds(3.14), microseconds(12345.6)
    ('3.1', '12,346')
    """
    return f"{duration:,.1f}" if duration < 10 else f"{duration:,.0f}"


def size(n_bytes: int) -> str:
    """A number of bytes in the unit that fits, 1 kB being 1,000 bytes.

    Examples
    --------
    >>> size(512), size(1_502_908), size(2_100_000_000)
    ('512 B', '1.5 MB', '2.1 GB')
    """
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n_bytes >= scale:
            return f"{n_bytes / scale:.1f} {unit}"
    return f"{n_bytes} B"


def p_value(p: float) -> str:
    """Three decimals, or ``<.001``.

    Examples
    --------
    >>> p_value(0.0321), p_value(1e-9), p_value(1.0)
    ('.032', '<.001', '1')
    """
    if p < 0.001:
        return "<.001"
    return "1" if p >= 0.9995 else f"{p:.3f}".removeprefix("0")


def settings(parameters: Mapping[str, Any]) -> str:
    """Parameters in one line.

    Examples
    --------
    >>> settings({"C": 15, "kernel": "rbf"})
    'C = 15, kernel = rbf'
    """
    return ", ".join(f"{name} = {value}" for name, value in parameters.items()) or "none"


def facts(values: Mapping[str, Any]) -> str:
    """Names and values in one line; a name that ends in ``_bytes`` is a size.

    Examples
    --------
    >>> facts({"processor": "Zilog Z80", "memory_bytes": 48_000, "device": "cpu"})
    'processor Zilog Z80, memory 48.0 kB, device cpu'
    """
    return ", ".join(
        f"{name.removesuffix('_bytes')} {size(value) if name.endswith('_bytes') else value}"
        for name, value in values.items()
    )


def markdown(text: str) -> str:
    r"""Text that Markdown shows as it is, inside a table too.

    Examples
    --------
    >>> markdown("a|b <script>")
    'a\\|b \\<script\\>'
    """
    return re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", " ".join(text.split()))
