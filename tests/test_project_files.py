"""What surrounds the code: workflows, forms, hooks, citation; each names only what is there."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from _df8k.extras import EXTRAS

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def passes(*words: object) -> None:
    done = subprocess.run([*map(str, words)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.github-issue-forms", sorted(GITHUB.glob("ISSUE_TEMPLATE/[!c]*.yml"))),
        ("vendor.github-issue-config", [GITHUB / "ISSUE_TEMPLATE/config.yml"]),
        ("vendor.dependabot", [GITHUB / "dependabot.yml"]),
        ("vendor.compose-spec", [ROOT / "docker/compose.yml"]),
    ],
)
def test_files_keep_to_their_public_schema(schema, files):
    assert files
    passes(BIN / "check-jsonschema", "--builtin-schema", schema, *files)


def test_the_workflows_pass_their_linter(tmp_path):
    linter = (BIN / "actionlint", "-no-color", "-shellcheck", BIN / "shellcheck", "-pyflakes", "")
    passes(*linter, *WORKFLOWS)
    wrong = tmp_path / "wrong.yml"
    wrong.write_text((GITHUB / "workflows/test.yml").read_text().replace("needs: check", "needs: chek", 1))
    done = subprocess.run([*linter, wrong], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "chek" in done.stdout


def test_the_workflows_pass_an_audit():
    passes(BIN / "zizmor", "--offline", "--no-progress", GITHUB / "workflows")


def test_the_dockerfile_passes_its_linter_and_names_extras_that_exist():
    dockerfile = ROOT / "docker/Dockerfile"
    passes(BIN / "hadolint", dockerfile)
    (extras,) = re.findall(r"/opt/df8k\[([\w,]+)\]", dockerfile.read_text())
    assert set(extras.split(",")) <= {extra.name for extra in EXTRAS}
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    assert container["postCreateCommand"] == "make setup"


def test_the_recipes_of_clusters_are_sound():
    passes(BIN / "shellcheck", ROOT / "docker/df8k.slurm")
    job = yaml.safe_load((ROOT / "docker/rayjob.yml").read_text())
    groups = job["spec"]["rayClusterSpec"]
    assert f"ray=={groups['rayVersion']}" in (ROOT / "constraints.txt").read_text().splitlines()
    assert [group["groupName"] for group in groups["workerGroupSpecs"]] == ["workers"]


def test_the_shell_of_workflows_passes_its_linter(tmp_path):
    for number, (_, step) in enumerate(steps()):
        if "run" in step:
            script = tmp_path / f"{number}.sh"
            # Expressions of workflows are no shell; they are filled in before it runs.
            script.write_text("#!/bin/bash\n" + re.sub(r"\$\{\{.*?\}\}", "value", step["run"]))
            passes(BIN / "shellcheck", script)


def test_workflows_cover_the_systems_and_versions_that_are_claimed():
    jobs = yaml.safe_load((GITHUB / "workflows/test.yml").read_text())["jobs"]
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    versions = [text.rpartition(" ")[2] for text in classifiers if re.search(r":: 3\.\d+$", text)]
    assert jobs["test"]["strategy"]["matrix"]["python"] == versions
    for job in ("portable", "wheel"):
        systems = [name.partition("-")[0] for name in jobs[job]["strategy"]["matrix"]["os"]]
        assert systems == ["ubuntu", "macos", "windows"]
    assert any("lowest-direct" in step.get("run", "") for step in jobs["lowest"]["steps"])


def test_tests_that_workflows_name_exist():
    named = [path for _, step in steps() for path in re.findall(r"\btests/[\w/.]+", step.get("run", ""))]
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def steps():
    for path in WORKFLOWS:
        for job in yaml.safe_load(path.read_text())["jobs"].values():
            for step in job["steps"]:
                yield path.name, step


def test_workflows_run_what_there_is():
    made = [word for _, step in steps() for word in re.findall(r"\bmake ([a-z]+)", step.get("run", ""))]
    assert {"check", "pytest", "demo", "test", "dist"} <= set(made) <= TARGETS
    commands = [
        c for _, step in steps() for c in re.findall(r"bin/df8k ([a-z -]+?) [\"$|]", step.get("run", ""))
    ]
    assert "leaderboard validate" in commands
    for command in commands:
        passes(BIN / "df8k", *command.split(), "--help")


def test_actions_are_pinned_to_commits():
    used = [step["uses"] for _, step in steps() if "uses" in step]
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action)] == []


def test_hooks_are_the_checks_of_make_check():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    tools = re.findall(r"\$\(BIN\)/([\w-]+(?: check| format)?)", recipe)
    assert [re.match(r"\.venv/bin/([\w-]+(?: check| format)?)", hook["entry"])[1] for hook in hooks] == tools


def test_the_citation_names_both_papers_and_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    project = (ROOT / "pyproject.toml").read_text()
    assert f'version = "{citation["version"]}"' in project
    assert citation["license"] in project
    assert [reference["year"] for reference in citation["references"]] == [2025, 2020]
    assert all(reference["authors"] and reference["url"] for reference in citation["references"])


def test_a_submission_asks_for_what_the_board_checks():
    form = yaml.safe_load((GITHUB / "ISSUE_TEMPLATE/method.yml").read_text())["body"]
    asked = {field["id"] for field in form if field.get("validations", {}).get("required")}
    assert asked == {"method", "command", "result", "training"}
    texts = str(form)
    for command in re.findall(r"df8k (?:leaderboard )?[a-z]+", texts):
        passes(BIN / "df8k", *command.split()[1:], "--help")


@pytest.mark.parametrize("page", ["CODE_OF_CONDUCT.md", "docs/policy.md", ".github/PULL_REQUEST_TEMPLATE.md"])
def test_links_lead_somewhere(page):
    path = ROOT / page
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text()):
        assert (path.parent / target).exists(), target
