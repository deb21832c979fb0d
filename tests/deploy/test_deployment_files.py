"""Dockerfile, compose.yaml, Kubernetes manifests, systemd unit, workflows: valid, in agreement with the program."""

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
from packaging.utils import canonicalize_name

from bot.cli import COMMANDS
from bot.settings import Settings, names
from tests import loaded
from tests.deploy.conftest import ROOT

KUBERNETES = ROOT / "deploy" / "kubernetes"
UNIT = ROOT / "deploy" / "systemd" / "itubot.service"
MANIFESTS = sorted(path for path in KUBERNETES.glob("*.yaml") if path.name != "kustomization.yaml")
FILES = [ROOT / "Dockerfile", ROOT / "compose.yaml", UNIT, *sorted(KUBERNETES.glob("*.yaml"))]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS_OF_USERS = [name for name in PROJECT["optional-dependencies"] if name not in ("test", "docs", "dev")]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
LOCK = ROOT / "deploy" / "requirements.txt"
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


@pytest.mark.slow
def test_dockerfile_has_no_warning() -> None:
    tool("hadolint", "Dockerfile")


@pytest.mark.slow
def test_compose_file_is_of_the_specification() -> None:
    tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")


@pytest.mark.slow
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


def test_every_file_names_the_version() -> None:
    version = PROJECT["version"]

    assert load(ROOT / "CITATION.cff")["version"] == version
    assert set(re.findall(r"\bitubot[\w-]*:(\d[\d.]*)", text(ROOT / "docs/howto/deploying.md"))) == {version}
    assert re.findall(r"^## (\S+)", text(ROOT / "CHANGELOG.md"), re.M)[0] == version


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

    composed = load(ROOT / "compose.yaml")["services"]["bot"]["build"]["args"]["EXTRAS"]

    assert set(extras.split(",")) <= set(PROJECT["optional-dependencies"])
    # With the client of the server that the profile `local` starts.
    assert {*extras.split(","), "ollama"} == set(re.sub(r"\$\{EXTRAS:-(.*)\}", r"\1", composed).split(","))


def test_image_that_only_answers_lacks_what_answers_do_not_load() -> None:
    (removed,) = re.findall(r"^RUN pip uninstall --yes ((?:.*\\\n)*.*)$", text(ROOT / "Dockerfile"), re.M)
    owners = packages_distributions()

    assert set(removed.replace("\\", "").split()) == {owners[name][0] for name in loaded.SLOW}


def test_compose_keeps_the_images_settings_whatever_the_env_file_has() -> None:
    for name in ("bot", "migrate"):
        service = load(ROOT / "compose.yaml")["services"][name]
        # The value where .env has none.
        own = {key: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value) for key, value in service["environment"].items()}
        assert image_settings().items() <= own.items()
        assert service["volumes"] == [f"data:{image_settings()['ITUBOT_DATA_DIR']}"]


def test_model_server_gets_text_and_no_internet() -> None:
    compose = load(ROOT / "compose.yaml")
    ollama, download = compose["services"]["ollama"], compose["services"]["model"]

    assert ollama["networks"] == ["model"]
    assert compose["networks"]["model"] == {"internal": True}
    assert "ports" not in ollama
    # What has the internet is not reached by the bot, and ends.
    assert (download["networks"], download["restart"]) == (["default"], "no")
    assert ollama["volumes"] == download["volumes"] == ["models:/root/.ollama"]
    for name in ("bot", "migrate"):
        assert "model" in compose["services"][name]["networks"]
        # What langchain-ollama reads.
        assert (
            compose["services"][name]["environment"]["OLLAMA_HOST"] == "${OLLAMA_HOST:-http://ollama:11434}"
        )


@pytest.mark.parametrize(
    ("model", "has", "calls", "code"),
    [
        ("ollama:qwen3:4b-instruct", "", ["pull qwen3:4b-instruct"], 0),
        ("ollama:qwen3:4b-instruct", "qwen3:4b-instruct", [], 0),
        ("openai:gpt-5", "", [], 1),
        ("", "", [], 1),
    ],
    ids=["downloads", "has it already", "another provider", "no model"],
)
def test_model_is_downloaded_once(tmp_path: Path, model: str, has: str, calls: list[str], code: int) -> None:
    service = load(ROOT / "compose.yaml")["services"]["model"]
    # In place of the program, which only the image has.
    program = tmp_path / "ollama"
    program.write_text(
        '#!/bin/sh\ncase "$1" in pull) echo "$@" >>"$CALLS" ;; show) test "$2" = "$HAS" ;; esac\n', "utf-8"
    )
    program.chmod(0o755)
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "CALLS": str(tmp_path / "calls"),
        "HAS": has,
        "ITUBOT_MODEL": model,
    }
    (script,) = service["command"]

    done = subprocess.run(
        [*service["entrypoint"], script.replace("$$", "$")],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip

    (tmp_path / "calls").touch()
    assert (tmp_path / "calls").read_text("utf-8").splitlines() == calls
    assert done.returncode == code
    assert ("write ITUBOT_MODEL=ollama:" in done.stderr) is bool(code)


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


def test_a_bot_that_stops_has_time_to_finish_its_answers() -> None:
    # In the cluster the signal comes after preStop, whose time counts too.
    _, waits = pods()[0]["containers"][0]["lifecycle"]["preStop"]["exec"]["command"]
    periods = {
        load(ROOT / "compose.yaml")["services"]["bot"]["stop_grace_period"].removesuffix("s"),
        str(pods()[0]["terminationGracePeriodSeconds"] - int(waits)),
        *unit()["TimeoutStopSec"],
    }

    assert periods == {"30"}
    page = " ".join(text(ROOT / "docs" / "howto" / "operating.md").split())
    assert "a grace period of 30 seconds is enough" in page


def locked() -> dict[str, Requirement]:
    """Return the package of each line that pins one in the list of the image; each has hashes."""
    found = {}
    for entry in re.split(r"\n(?=[\w])", re.sub(r"(?m)^ *#.*\n", "", text(LOCK))):
        pinned, *hashes = entry.strip().split(" \\\n    --hash=")
        assert hashes, entry
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), entry
        requirement = Requirement(pinned)
        found[canonicalize_name(requirement.name)] = requirement
    return found


def test_image_installs_exact_versions_with_hashes_for_every_extra() -> None:
    lists = [PROJECT["dependencies"], *(PROJECT["optional-dependencies"][name] for name in EXTRAS_OF_USERS)]
    wanted = [Requirement(one) for requirements in lists for one in requirements]
    pinned = locked()

    versions = {name: str(one.specifier).removeprefix("==") for name, one in pinned.items()}
    assert [
        str(one)
        for one in wanted
        if not one.specifier.contains(versions.get(canonicalize_name(one.name), ""))
    ] == []
    assert versions["torch"].endswith("+cpu")


def test_list_of_the_image_is_made_for_the_same_extras() -> None:
    done = subprocess.run(["make", "-n", "lock"], cwd=ROOT, capture_output=True, text=True, check=True)

    assert re.findall(r"--extra (\w+)", done.stdout) == EXTRAS_OF_USERS


def test_every_extra_is_documented() -> None:
    table = text(ROOT / "docs/howto/deploying.md").partition("| extra | for |")[2].partition("\n\n")[0]
    documented = [name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split(" | ")[0])]

    assert sorted(documented) == sorted(EXTRAS_OF_USERS)


def test_image_is_built_of_that_list_alone() -> None:
    commands = re.findall(r"\bpip (?:install|download) (?:[^\n&]*\\\n)*[^\n&]*", text(ROOT / "Dockerfile"))

    download, *installs, others = commands
    assert "--require-hashes" in download
    assert "--requirement /packages/requirements.txt" in download
    assert all("--no-index --find-links /packages" in command for command in installs)
    assert others == "pip install $PACKAGES"


@pytest.mark.slow
def test_workflows_are_valid() -> None:
    for path in WORKFLOWS:
        tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", path)
    tool("check-jsonschema", "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml")


@pytest.mark.slow
def test_workflows_are_safe() -> None:
    tool("zizmor", "--offline", "--quiet", "--min-severity", "medium", ".github")


def test_workflows_test_every_python_that_the_package_names() -> None:
    jobs = load(ROOT / ".github" / "workflows" / "tests.yml")["jobs"]
    _, _, image_version = jobs["everything"]["container"]["image"].partition("python:")
    tested = [image_version.removesuffix("-trixie"), *jobs["test"]["strategy"]["matrix"]["python"]]
    classified = [
        line.rpartition(" ")[2]
        for line in PROJECT["classifiers"]
        if line.startswith("Programming Language :: Python :: 3.")
    ]

    assert tested == classified
