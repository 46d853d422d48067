"""What the documentation names exists, and every variable is explained. The check itself is checked too."""

import importlib.util
from pathlib import Path

import pytest

from openconsular.config import env

ROOT = Path(__file__).parents[1]
_spec = importlib.util.spec_from_file_location("docs_tool", ROOT / "tools" / "docs.py")
docs = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(docs)


def test_the_documentation_is_true_in_what_it_names():
    assert docs.check(ROOT, docs.pages(ROOT)) == []


def test_settings_and_their_page_are_in_step():
    page = (ROOT / docs.SETTINGS).read_text("utf-8")
    assert set(docs.VARIABLE.findall(page)) == set(env.VARIABLES) == docs.known_variables(ROOT)


def test_it_builds(tmp_path):
    docs.build(ROOT, docs.pages(ROOT), tmp_path)
    built = (tmp_path / "docs" / "index.html").read_text("utf-8")
    assert 'href="tutorial/first-hour.html"' in built
    assert 'href="../ARCHITECTURE.html"' in built


@pytest.fixture
def project(tmp_path):
    for name, text in {
        "Makefile": "demo: ## run\n",
        "src/openconsular/config/env.py": 'VARIABLES = {\n    "OPENCONSULAR_STATE": "x",\n}\n',
        "src/openconsular/drills/management/commands/drill.py": "",
        "docs/reference/settings.md": "`OPENCONSULAR_STATE`",
        "docs/reference/commands.md": "`openconsular drill`",
        "docs/index.md": "# One day\n`make demo` then `openconsular drill`, [here](#one-day), [s](reference/settings.md), [c](reference/commands.md)\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_true_page_has_no_problem(project):
    assert docs.check(project, docs.pages(project)) == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("[x](nowhere.md)", "leads nowhere"),
        ("[x](#another-day)", "leads nowhere"),
        ("`openconsular fly`", "no command"),
        ("```sh\n.venv/bin/openconsular fly --high\n```", "no command"),
        ("`make tea`", "no task"),
        ("`OPENCONSULAR_TEA`", "no variable"),
        ("`src/openconsular/tea.py`", "there is no src/openconsular/tea.py"),
        ("see /root/notes", "machine"),
    ],
)
def test_what_is_not_so_is_told(project, line, problem):
    with (project / "docs" / "index.md").open("a", encoding="utf-8") as page:
        page.write(line + "\n")
    found = docs.check(project, docs.pages(project))
    assert len(found) == 1
    assert problem in found[0]


def test_a_command_nobody_told_of_is_told(project):
    (project / "docs/reference/commands.md").write_text("# Commands\n", encoding="utf-8")
    assert docs.check(project, docs.pages(project)) == ["docs/reference/commands.md: drill is not told"]


def test_a_page_nobody_links_to_is_told(project):
    (project / "docs" / "alone.md").write_text("# Alone\n", encoding="utf-8")
    assert docs.check(project, docs.pages(project)) == ["docs/alone.md: no page leads here"]


def test_a_variable_nobody_explained_is_told(project):
    (project / "docs/reference/settings.md").write_text("# Settings\n", encoding="utf-8")
    assert docs.check(project, docs.pages(project)) == [
        "docs/reference/settings.md: OPENCONSULAR_STATE is not explained"
    ]
