"""Dockerfile, compose.yaml, Kubernetes manifests and the systemd unit: valid, and in agreement with the program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from packaging.requirements import Requirement

from bot.cli import COMMANDS
from bot.settings import Settings, names
from tests import loaded
from tests.deploy.conftest import ROOT

KUBERNETES = ROOT / "deploy" / "kubernetes"
UNIT = ROOT / "deploy" / "systemd" / "itubot.service"
MANIFESTS = sorted(path for path in KUBERNETES.glob("*.yaml") if path.name != "kustomization.yaml")
FILES = [ROOT / "Dockerfile", ROOT / "compose.yaml", UNIT, *sorted(KUBERNETES.glob("*.yaml"))]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# The oldest and the newest version of Kubernetes that is supported.
KUBERNETES_VERSIONS = ("1.31", "1.34")


def text(path: Path) -> str:
    return path.read_text("utf-8")


def load(path: Path) -> Any:
    return yaml.safe_load(text(path))


def tool(*command: str | Path) -> None:
    """Run a linter of this environment; fails with what it prints."""
    program = Path(sys.executable).with_name(str(command[0]))
    done = subprocess.run([program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def image(pattern: str) -> list[str]:
    """Return what a pattern finds in the stage of the Dockerfile that runs."""
    return re.findall(pattern, text(ROOT / "Dockerfile").partition(" AS runtime\n")[2], re.M)


def image_settings() -> dict[str, str]:
    """Return the settings of the image."""
    return dict(setting.split("=") for setting in image(r"\bITUBOT_\w+=\S+"))


def unit() -> dict[str, list[str]]:
    """Return the values of the systemd unit's options."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", text(UNIT), re.M):
        found.setdefault(name, []).append(value)
    return found


def pods() -> list[Any]:
    """Return the specifications of pods in the Kubernetes manifests: the bot's, and that of `migrate`."""
    return [
        load(KUBERNETES / name)["spec"]["template"]["spec"] for name in ("deployment.yaml", "migrate.yaml")
    ]


def test_dockerfile_has_no_warning() -> None:
    tool("hadolint", "Dockerfile")


def test_compose_file_is_of_the_specification() -> None:
    tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")


def test_yaml_files_have_no_warning() -> None:
    tool("yamllint", "--strict", ".")


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_manifest_is_valid(path: Path, version: str) -> None:
    kubernetes_validate.validate(load(path), version, strict=True)


def test_kustomization_names_every_manifest_but_the_example() -> None:
    named = load(KUBERNETES / "kustomization.yaml")["resources"]

    assert sorted(named) == [path.name for path in MANIFESTS if path.name != "secret.example.yaml"]


@pytest.mark.system
def test_systemd_unit_is_valid(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        if os.environ.get("CI"):
            pytest.fail("systemd-analyze is missing, and CI has to have it")
        pytest.skip("systemd-analyze is not installed")
    # The program is not installed where the unit names it.
    (tmp_path / UNIT.name).write_text(text(UNIT).replace("/opt/itubot/bin/itubot", sys.executable))

    done = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / UNIT.name], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_a_file_names_exists(path: Path) -> None:
    assert set(re.findall(r"\b(?:ITUBOT|SLACK)_[A-Z_]+\b", text(path))) <= set(names())


def test_image_and_servers_are_of_the_programs_versions() -> None:
    compose = load(ROOT / "compose.yaml")["services"]
    (chromadb,) = [each for each in map(Requirement, PROJECT["dependencies"]) if each.name == "chromadb"]

    assert compose["bot"]["image"] == f"${{IMAGE:-itubot:{PROJECT['version']}}}"
    assert load(KUBERNETES / "kustomization.yaml")["images"][0]["newTag"] == PROJECT["version"]
    assert chromadb.specifier.contains(compose["chroma"]["image"].rpartition(":")[2])


def test_commands_of_containers_and_unit_exist() -> None:
    named = {
        *image(r'^CMD \["(\w+)"\]'),
        *load(ROOT / "compose.yaml")["services"]["migrate"]["command"],
        *pods()[1]["containers"][0]["args"],
        *(command.split()[-1] for command in unit()["ExecStart"]),
    }

    assert named == {"serve", "migrate"}
    assert named <= set(COMMANDS)


def test_extras_of_the_image_exist() -> None:
    (extras,) = re.findall(r"^ARG EXTRAS=(\S+)", text(ROOT / "Dockerfile"), re.M)

    assert set(extras.split(",")) <= set(PROJECT["optional-dependencies"])
    assert (
        load(ROOT / "compose.yaml")["services"]["bot"]["build"]["args"]["EXTRAS"] == f"${{EXTRAS:-{extras}}}"
    )


def test_image_that_only_answers_lacks_what_answers_do_not_load() -> None:
    (removed,) = re.findall(r"^RUN pip uninstall --yes (.*)$", text(ROOT / "Dockerfile"), re.M)
    owners = packages_distributions()

    assert set(removed.split()) == {owners[name][0] for name in loaded.SLOW}


def test_compose_keeps_the_images_settings_whatever_the_env_file_has() -> None:
    for name in ("bot", "migrate"):
        service = load(ROOT / "compose.yaml")["services"][name]
        # The value where .env has none.
        own = {key: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value) for key, value in service["environment"].items()}
        assert image_settings().items() <= own.items()
        assert service["volumes"] == [f"data:{image_settings()['ITUBOT_DATA_DIR']}"]


def test_services_of_the_namespace_set_no_settings() -> None:
    assert [pod["enableServiceLinks"] for pod in pods()] == [False, False]


def test_ports_are_the_programs() -> None:
    status, http = image_settings()["ITUBOT_STATUS_PORT"], str(Settings.model_fields["port"].default)
    bot = pods()[0]["containers"][0]

    assert image(r"^EXPOSE (.*)$") == [f"{http} {status}"]
    assert {each["name"]: str(each["containerPort"]) for each in bot["ports"]} == {
        "http": http,
        "status": status,
    }
    probes = [bot[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")]
    assert [probe["path"] for probe in probes] == ["/healthz", "/healthz", "/readyz"]
    assert {probe["port"] for probe in probes} == {"status"}


@pytest.mark.parametrize("pod", pods(), ids=["bot", "migrate"])
def test_pods_write_only_to_the_data_folder_and_tmp_as_the_images_user(pod: Any) -> None:
    (container,) = pod["containers"]

    assert {each["mountPath"] for each in container["volumeMounts"]} == {
        image_settings()["ITUBOT_DATA_DIR"],
        "/tmp",  # noqa: S108  as it is named in the container
    }
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    user = f"{pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}"
    assert image(r"^USER (.*)$") == [user]


def test_unit_works_in_the_one_folder_that_it_may_write() -> None:
    (folder,) = unit()["StateDirectory"]

    assert unit()["WorkingDirectory"] == [f"/var/lib/{folder}"]
    assert unit()["ProtectSystem"] == ["strict"]


def test_a_bot_that_stops_has_time_to_finish_its_answers() -> None:
    # In the cluster the signal comes after preStop, whose time counts too.
    _, waits = pods()[0]["containers"][0]["lifecycle"]["preStop"]["exec"]["command"]
    periods = {
        load(ROOT / "compose.yaml")["services"]["bot"]["stop_grace_period"].removesuffix("s"),
        str(pods()[0]["terminationGracePeriodSeconds"] - int(waits)),
        *unit()["TimeoutStopSec"],
    }

    assert periods == {"30"}
    page = " ".join(text(ROOT / "docs" / "operating.md").split())
    assert "a grace period of 30 seconds is enough" in page
