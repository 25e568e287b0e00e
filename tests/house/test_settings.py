"""Wrong settings end in one sentence that names the setting,
before anything is made; commands on files need none.
"""

import json
import os
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from learning import VERSION
from learning.config import BadSettings, Settings
from learning.factory import create_app
from tests.servers import ROOT

KEY = "k" * 32
EXCHANGE = {
    "format": "workshop-allocation/1",
    "rounds": ["1"],
    "sessions": [{"id": f"s{n}", "workshop": f"w{n}", "round": "1", "capacity": 1} for n in (1, 2)],
    "attendees": [{"id": name, "choices": {"1": ["s1", "s2"]}} for name in ("ann", "bob")],
    "rules": {"seed": "7"},
}


def read(**given: str) -> Settings:
    """Settings of an environment that is fine but for these."""
    return Settings.from_env(
        {"LEERKRING_SECRET_KEY": KEY, **{f"LEERKRING_{name}": value for name, value in given.items()}}
    )


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PROXIES", "abc", "whole number from 0 to 10, not “abc”"),
        ("PROXIES", "-1", "whole number"),
        ("PROXIES", "99", "whole number"),
        ("PROXIES", "²", "whole number"),
        ("SMTP", "mail.example.org:99999", "port 99999, which does not exist"),
        ("SMTP", "mail.example.org:0", "port 0, which does not exist"),
        ("SMTP", "mail.example.org", "must look like mail.example.org:587"),
        ("BASE_URL", "https://x.example:99999", "ports go from 1 to 65535"),
        ("BASE_URL", "http://x.example", "must begin with https://"),
        ("BASE_URL", "x.example", "must be a whole address"),
        ("BASE_URL", "https://[x", "is no address"),
        ("DATABASE_URL", "nonsense", "is no address of a database"),
        ("DATABASE_URL", "postgresql+psycopg://h:abc/x", "is no address of a database"),
        ("DATABASE_URL", "postgresql+psycopg://h:99999/x", "port 99999, which does not exist"),
        ("DATABASE_URL", "postgresql+psycopg://h", "must end with the name of a database"),
        ("DATABASE_URL", "mysql://h/x", "not with mysql://"),
        ("DATABASE_URL", "sqlite:///leerkring.db", "four slashes"),
        ("DATABASE_URL", "sqlite://", "four slashes"),
        ("DATABASE_URL", "sqlite:////srv/a?b/leerkring.db", "four slashes"),
        ("HUEY_URL", "amqp://h", "must begin with redis://"),
        ("DEMO", "yes", "must be 1 or 0"),
        ("NUDGE", "off", "must be 1 or 0"),
        ("SMTP_TLS", "true", "must be 0, starttls or implicit"),
        ("MAIL_FROM", "leerkring", "must be a mail address"),
        ("MAIL_FROM", "Leerkring <a@b.example>", "must be a mail address"),
        ("BACKUP_KEY", "AGE-SECRET-KEY-1X", "public key of age"),
        ("SECRET_KEY", "short", "at least 32 random characters"),
        ("COLOUR", "blue", "is not a known setting"),
    ],
)
def test_a_wrong_setting_is_named_in_one_sentence(name: str, value: str, words: str):
    with pytest.raises(BadSettings) as wrong:
        read(**{name: value})

    assert str(wrong.value).startswith(f"LEERKRING_{name} ")
    assert words in str(wrong.value)
    assert str(wrong.value).count("LEERKRING_") == 1
    assert "\n" not in str(wrong.value)


@pytest.mark.parametrize("odd", ["?", "%", "#", "\t"])
def test_an_instance_folder_that_no_database_address_can_hold(tmp_path: Path, odd: str):
    folder = tmp_path / f"a{odd}b"
    with pytest.raises(BadSettings, match="LEERKRING_INSTANCE must be a folder without"):
        read(INSTANCE=str(folder))

    assert list(tmp_path.iterdir()) == []


def test_an_instance_folder_that_cannot_be(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSettings, match="is a file"):
        read(INSTANCE=str(tmp_path / "file"))
    with pytest.raises(BadSettings, match=r"LEERKRING_INSTANCE: the folder .* cannot be made"):
        create_app(read(INSTANCE=str(tmp_path / "file" / "below")))


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(BadSettings) as wrong:
        read(PROXIES="x", SMTP="x", COLOUR="x")

    assert [
        name for name in ("PROXIES", "SMTP", "COLOUR") if f"LEERKRING_{name}" not in str(wrong.value)
    ] == []


def test_empty_settings_are_those_that_are_left_out(tmp_path: Path):
    names = (
        "DATABASE_URL",
        "BASE_URL",
        "SMTP",
        "PROXIES",
        "MAIL_FROM",
        "DEMO",
        "NUDGE",
        "CALENDAR_DOMAIN",
        "HUEY_URL",
    )
    there = {"INSTANCE": str(tmp_path)}

    assert read(**there, **dict.fromkeys(names, "")) == read(**there)


def test_settings_can_be_written_down_and_read_again(tmp_path: Path):
    some = replace(
        read(INSTANCE=str(tmp_path / "with a space")),
        smtp_host="::1",
        smtp_tls="implicit",
        proxies=2,
        nudge=False,
    )

    assert Settings.from_env(some.as_env()) == some


def test_the_version_is_that_of_the_project():
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def flask(*words: object, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A command, in a process of its own with no settings but these."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LEERKRING_")}
    command = [sys.executable, "-m", "flask", "--app", "app", *map(str, words)]
    return subprocess.run(
        command, cwd=ROOT, env={**clean, **env}, capture_output=True, text=True, check=False
    )


def test_without_settings_only_commands_on_files_work(tmp_path: Path):
    (tmp_path / "instance.json").write_text(json.dumps(EXCHANGE))
    before = sorted(ROOT.iterdir())

    drawn = flask("draw", tmp_path / "instance.json", tmp_path / "result.json", env={})
    assert (drawn.returncode, "proven: yes" in drawn.stdout) == (0, True), drawn.stderr
    audit = {"instance": EXCHANGE, "result": json.loads((tmp_path / "result.json").read_text())}
    (tmp_path / "audit.json").write_text(json.dumps(audit))
    checked = flask("verify-draw", tmp_path / "audit.json", env={"LEERKRING_PROXIES": "abc"})
    assert (checked.returncode, "Verified: 2 people" in checked.stdout) == (0, True), checked.stderr
    other = flask("prepare", env={"LEERKRING_INSTANCE": str(tmp_path / "made")})
    assert other.returncode == 1
    assert other.stderr == "Error: LEERKRING_SECRET_KEY must be given: at least 32 random characters.\n"
    assert not (tmp_path / "made").exists()
    assert sorted(ROOT.iterdir()) == before


@pytest.mark.parametrize("command", ["prepare", "doctor"])
def test_a_database_that_does_not_answer_is_told_in_a_sentence(tmp_path: Path, command: str):
    url = f"postgresql+psycopg://nobody@/nothing?host={tmp_path}"
    env = {
        "LEERKRING_SECRET_KEY": KEY,
        "LEERKRING_INSTANCE": str(tmp_path / "i"),
        "LEERKRING_DATABASE_URL": url,
    }
    said = flask(command, env=env)

    assert said.returncode == 1
    assert "Traceback" not in said.stderr + said.stdout
    assert "does not answer" in said.stderr + said.stdout


def test_the_web_server_stops_with_the_sentence(tmp_path: Path):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LEERKRING_")}
    said = subprocess.run(
        [sys.executable, "-c", "import app"], cwd=ROOT, env={**clean, "LEERKRING_PROXIES": "abc"},
        capture_output=True,
        text=True, check=False,
    )  # fmt: skip

    assert said.returncode == 1
    assert said.stderr.count("\n") == 1
    assert "LEERKRING_PROXIES must be a whole number" in said.stderr
