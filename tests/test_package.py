"""The package from outside: light to import, usable without its extras, honest about them."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

HEAVY = (
    *("numpy", "torch", "sklearn", "matplotlib", "fastapi", "sqlalchemy", "dask", "cv2"),
    "onnxruntime",
)
WITHOUT_EXTRAS = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"torch", "sklearn", "sklearnex", "matplotlib", "jinja2", "scipy"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
sys.argv = ["hdalr", *sys.argv[1:]]
from hdalr.cli import main
main()
"""


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("module", ["hdalr", "hdalr.cli"])
def test_import_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*sorted(set({HEAVY}) & set(sys.modules)))"
    done = python(code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_import_takes_under_a_tenth_of_a_second() -> None:
    code = "import time; t = time.perf_counter(); import hdalr; print(time.perf_counter() - t)"
    assert min(float(python(code).stdout) for _ in range(5)) < 0.1


def test_version_is_printed_quickly() -> None:
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "hdalr", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("hdalr 0.")
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("arguments", [("--help",), ("data", "list"), ("compare", "--help")])
def test_commands_that_need_no_extra_work_without_them(arguments: tuple[str, ...]) -> None:
    done = python(WITHOUT_EXTRAS, *arguments)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("arguments", [("compare",), ("data", "show", "digits")])
def test_a_missing_extra_names_its_install_command(arguments: tuple[str, ...]) -> None:
    done = python(WITHOUT_EXTRAS, *arguments)
    assert done.returncode == 1
    assert "pip install 'hdalr[train]'" in done.stderr
    assert "Traceback" not in done.stderr
