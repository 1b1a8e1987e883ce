"""The docs hold: their code runs, their commands exist, their tables are those of the records."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import pytest
import yaml

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"^(?:\.venv/bin/)?hdalr (\w+(?: \w+)?)", README, re.MULTILINE)))


def run_blocks(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(block, names)
    return names


def test_the_code_in_the_readme_runs_and_gives_its_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = run_blocks((ROOT / "docs" / "zip-code.md").read_text(encoding="utf-8"))
    monkeypatch.chdir(tmp_path)
    cv2.imwrite("zip.png", names["picture"])
    names = run_blocks(README)
    *_, last = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[-1].strip().splitlines()
    score, promised = last.split("#")
    assert round(eval(score.strip(), names), 3) == float(promised)


def test_the_page_on_zip_codes_reads_what_it_wrote(capsys: pytest.CaptureFixture[str]) -> None:
    names = run_blocks((ROOT / "docs" / "zip-code.md").read_text(encoding="utf-8"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("902104433 ")
    assert lines[1] == "90210-4433"
    assert lines[-2] == "79927398713 True"
    assert lines[-1] == "'' False blank"
    assert names["reading"].characters == ()


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_in_the_readme_exist(command: str) -> None:
    run = [sys.executable, "-m", "hdalr", *command.split(), "--help"]
    assert subprocess.run(run, capture_output=True, check=False).returncode == 0


def test_the_job_on_kubernetes_is_a_command_of_ours() -> None:
    documents = list(yaml.safe_load_all((ROOT / "deploy/kubernetes.yaml").read_text("utf-8")))
    kinds = [document["kind"] for document in documents]
    assert kinds == ["DaskCluster", "Job", "PersistentVolumeClaim", "NetworkPolicy"]
    shell, option, script = documents[1]["spec"]["template"]["spec"]["containers"][0]["args"]
    assert (shell, option) == ("sh", "-c")
    words = shlex.split(script.partition("code=")[0])
    assert words.pop(0) == "hdalr"
    run = [sys.executable, "-m", "hdalr", *words, "--help"]
    assert subprocess.run(run, capture_output=True, check=False).returncode == 0
    for code, expected in ((0, 0), (1, 1), (2, 2), (3, 0)):
        tried = script.replace("hdalr read", f"(exit {code}) #").replace("\\\n", "")
        assert subprocess.run(["sh", "-c", tried], check=False).returncode == expected
    service = documents[0]["metadata"]["name"] + "-scheduler"
    assert f"tcp://{service}:8786" in words


def test_the_tables_are_those_of_the_records() -> None:
    run = [sys.executable, ROOT / "docs" / "update_tables.py", "--check"]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_folders_in_the_map_exist() -> None:
    folders = re.findall(r"^\| `([\w/]+)` \|", README, re.MULTILINE)
    assert len(folders) > 8
    assert all((ROOT / folder).is_dir() for folder in folders)
