"""What stands in deploy/: scripts that a shell and shellcheck accept, and units that name what is there."""

import configparser
import http.client
import os
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from learning.config import KNOWN, PREFIX, Settings
from learning.kit.jobs import LAST
from tests.reliability.test_stopping import environment
from tests.servers import ROOT, start_gunicorn

DEPLOY = ROOT / "deploy"
SCRIPTS = [*sorted(DEPLOY.glob("*.sh")), ROOT / "tools" / "setup.sh"]
UNITS = sorted((DEPLOY / "systemd").iterdir())


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_clean(script: Path):
    assert os.access(script, os.X_OK)
    subprocess.run(["sh", "-n", str(script)], check=True)
    said = subprocess.run(["shellcheck", str(script)], capture_output=True, text=True, check=False)

    assert said.stdout == ""


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_name_what_the_script_makes(unit: Path):
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    parser.read_string(unit.read_text())
    install = (DEPLOY / "install.sh").read_text()

    assert parser["Unit"]["Description"]
    if unit.suffix == ".service":
        service = parser["Service"]
        assert service["User"] == "leerkring"
        assert service["EnvironmentFile"] == "/etc/leerkring.env"
        for folder in service["ReadWritePaths"].split():
            assert folder.replace("/srv/leerkring", "$home") in install
        assert service["ExecStart"].startswith(service["WorkingDirectory"] + "/.venv/bin/")


def test_the_services_wait_longer_than_what_they_stop():
    gunicorn = dict(re.findall(r"^(\w+) = (\d+)", (DEPLOY / "gunicorn.conf.py").read_text(), re.M))
    app, worker = (
        (DEPLOY / "systemd" / f"{name}.service").read_text() for name in ("leerkring", "leerkring-worker")
    )

    assert int(re.findall(r"TimeoutStopSec=(\d+)", app)[0]) > int(gunicorn["graceful_timeout"])
    assert int(re.findall(r"TimeoutStopSec=(\d+)", worker)[0]) > LAST


@pytest.mark.parametrize(("length", "status"), [(8100, 302), (8300, 414)])
def test_an_address_may_be_as_long_as_nginx_lets_through(app: Flask, length: int, status: int):
    running = start_gunicorn(environment(app), workers=1, threads=2)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(running.url).port, timeout=30)
        connection.request("GET", f"/nl/?q={'x' * (length - 20)}")
        assert connection.getresponse().status == status
    finally:
        running.stop()


def test_the_example_of_settings_is_read_once_it_has_a_key():
    lines = (DEPLOY / "leerkring.env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line.startswith(PREFIX))
    plain = {name: value.strip('"') for name, value in given.items()}
    assert {name.removeprefix(PREFIX) for name in plain} <= KNOWN

    settings = Settings.from_env({**plain, "LEERKRING_SECRET_KEY": "k" * 32})

    assert settings.proxies == 1
    assert settings.base_url.startswith("https://")


def test_every_setting_stands_in_the_documentation():
    told = (ROOT / "docs" / "running.md").read_text()

    assert [name for name in KNOWN if f"`{PREFIX}{name}" not in told and name != "DEMO"] == []
