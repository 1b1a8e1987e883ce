"""Which URLs are taken, and that no password is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from hdalr.errors import StorageError
from hdalr.service.database import Store, default_url
from hdalr.service.database.address import describe, parse_url


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HDALR_DATABASE_URL", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)


def test_the_default_is_what_the_user_says(monkeypatch):
    monkeypatch.setenv("HDALR_DATABASE_URL", "postgresql://db.example/feedback")
    assert default_url() == "postgresql://db.example/feedback"


def test_the_default_follows_xdg_and_then_the_home_folder(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    assert default_url() == "sqlite:////home/ada/.local/share/hdalr/feedback.sqlite"
    monkeypatch.setenv("XDG_DATA_HOME", "/xdg")
    assert default_url() == "sqlite:////xdg/hdalr/feedback.sqlite"


@pytest.mark.parametrize("folder", ["a b", "a%20b", "a?b", "a#b", "Füße", "a%b", "a@b:c"])
def test_the_default_is_that_very_file_whatever_the_folder_is_called(monkeypatch, tmp_path, folder):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / folder))
    Store(default_url()).close()
    assert (tmp_path / folder / "hdalr" / "feedback.sqlite").stat().st_size > 0


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:///here.sqlite", "here.sqlite"),
        ("sqlite:////var/lib/there.sqlite", "/var/lib/there.sqlite"),
        ("sqlite+pysqlite:///here.sqlite", "here.sqlite"),
        ("postgresql:///feedback", "postgresql:///feedback"),
        ("postgres://ada:geheim@db.example/feedback", "postgresql://db.example/feedback"),
        ("postgresql+psycopg://ada:ge%40heim@db:5433/f", "postgresql://db:5433/f"),
        ("postgresql://db/f?password=geheim&sslmode=require", "postgresql://db/f"),
    ],
)
def test_a_database_is_named_without_what_is_secret(url, name):
    assert describe(parse_url(url)) == name


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "cannot be read; expected sqlite"),
        ("geheim", "cannot be read"),
        ("/home/ada/feedback.sqlite", "cannot be read"),
        ("postgresql://ada:pa@geheim@db/f", "two @; expected %40"),
        ("postgresql://ada@db:geheim/f", "cannot be read"),
        ("mysql://ada:geheim@db/f", "begins with mysql:; expected sqlite"),
        ("postgresql+psycopg2://ada:geheim@db/f", r"begins with postgresql\+psycopg2:"),
        ("sqlite://", "names no file"),
        ("sqlite:///", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///file:geheim?mode=memory&uri=true", "names no file"),
        ("sqlite://geheim/feedback.sqlite", "names no file"),
    ],
)
def test_other_urls_are_refused_without_repeating_them(url, message):
    with pytest.raises(StorageError, match=message) as caught:
        parse_url(url)
    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_path_from_here_is_taken_from_here(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Store("sqlite:///down/below/feedback.sqlite").close()
    assert Path("down/below/feedback.sqlite").exists()
