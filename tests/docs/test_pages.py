"""What the documents say is there, and what is there is said."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase

from chat.store.keys import KEY_KINDS
from notalone import metrics
from tests.docs.places import DOCS, ROOT, pages, read, texts

ADRS = sorted((DOCS / "adr").glob("[0-9]*.md"))
LINK = re.compile(r"""(?:\[[^\]]*\]\(|<img src=")([^)\s"]+)[)"]""")
# folders in which a person or a machine keeps a checkout, and which are nothing to others
SOMEBODYS = re.compile(r"(?<![\w/.:}*-])/(?:home|root|work|mnt|Users|private)/[\w.-]+")
UPWARDS = re.compile(r"""(?<![\w./])((?:\.\./)+[\w./-]*)""")


def settings_of_the_environment() -> set[str]:
    """Find the names that env.py asks for: env.str("NAME"), or a helper of its own that is given env."""
    names = set()
    for call in ast.walk(ast.parse(read("notalone/env.py"))):
        if not isinstance(call, ast.Call):
            continue
        words = [part.value for part in call.args if isinstance(part, ast.Constant)]
        names |= {word for word in words if isinstance(word, str) and re.fullmatch(r"[A-Z][A-Z_]{5,}", word)}
    return names


def test_the_environment_s_names_are_found() -> None:
    assert {"DATABASE_URL", "NOTALONE_DEMO", "NOTALONE_DB_THREADS"} <= settings_of_the_environment()


@pytest.mark.parametrize("name", sorted(settings_of_the_environment()))
def test_every_setting_is_told_to_who_runs_it(name: str) -> None:
    assert f"| `{name}` |" in read("docs/operations.md")


@pytest.mark.parametrize("kind", KEY_KINDS, ids=lambda kind: kind.name)
def test_every_key_is_told(kind: object) -> None:
    assert f"| `{getattr(kind, 'name', '')}` |" in read("docs/redis.md")


def metric_names() -> list[str]:
    named = vars(metrics).values()
    found = [family for one in named if isinstance(one, MetricWrapperBase) for family in one.describe()]
    own = [one for one in named if isinstance(one, metrics.Tally | metrics.Spread)]
    return sorted(family.name for family in [*found, *(family for one in own for family in one.collect())])


@pytest.mark.parametrize("name", metric_names())
def test_every_metric_is_told(name: str) -> None:
    assert re.search(rf"`{name}(?:_total)?[`{{]", read("docs/operations.md"))


def test_ci_runs_the_readme_s_test_command_and_nothing_else() -> None:
    commands = dict(re.findall(r"^(make \w+) +# (.*)$", read("README.md"), re.MULTILINE))
    tested = [command for command, words in commands.items() if "test" in words]
    lines = [line.strip() for line in read(".ci/run").splitlines() if line.strip()]
    run = [line for line in lines if not line.startswith(("#", "set ", "cd "))]

    assert run == tested == ["make test"]


# --- decisions ---


@pytest.mark.parametrize("path", ADRS, ids=lambda path: path.stem)
def test_a_decision_has_its_parts(path: Path) -> None:
    text = path.read_text()

    assert text.startswith(f"# {path.stem[:4]} ")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Status", "Context", "Decision", "Consequences"]


def test_every_decision_is_in_the_list_with_its_title() -> None:
    listed = re.findall(r"^\| \[(\d+)\]\(([^)]+)\) \| (.*) \|$", read("docs/adr/README.md"), re.MULTILINE)

    titles = [path.read_text().splitlines()[0].removeprefix("# ") for path in ADRS]
    assert [name for _, name, _ in listed] == [path.name for path in ADRS]
    assert [f"{number} {title}" for number, _, title in listed] == titles


# --- places ---


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_something_in_the_project(path: Path) -> None:
    for target in LINK.findall(path.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        found = (path.parent / name).resolve() if name else path
        assert found.is_relative_to(ROOT), target
        assert found.exists(), target
        if anchor:
            assert anchor in anchors(found), target


def anchors(path: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


def test_every_page_is_in_the_index() -> None:
    index = read("docs/README.md")

    for path in DOCS.glob("*.md"):
        assert path.name in index, path.name


def test_no_text_speaks_of_a_place_outside_the_project() -> None:
    for path in texts():
        text = path.read_text("utf-8")
        assert not SOMEBODYS.findall(text), path
        for upwards in UPWARDS.findall(text):
            assert (path.parent / upwards).resolve().is_relative_to(ROOT), f"{path}: {upwards}"
