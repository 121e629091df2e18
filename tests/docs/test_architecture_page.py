"""What ARCHITECTURE and the files for contributors name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    "analysis/ARCHITECTURE.md",
    ".github/CONTRIBUTING.md",
    ".github/SECURITY.md",
    ".github/pull_request_template.md",
]
# What lies in the project by name: a path with a folder, or a folder of the top level alone.
PLACE = re.compile(r"(?:analysis|tests|samples|reports|\.github)(?:/[\w./-]*)?")


def places(page):
    """The files and folders that a page names as code, outside of blocks of code."""
    text = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [name for name in re.findall(r"`([^`\n]+)`", text) if PLACE.fullmatch(name)]


@pytest.mark.parametrize("page", PAGES)
def test_files_and_folders_that_are_named_are_there(page):
    assert [name for name in places(page) if not (ROOT / name).exists()] == []


def test_the_architecture_names_every_room_of_the_package():
    package = ROOT / "analysis" / "riffscope"
    rooms = {path.relative_to(ROOT).as_posix() for path in package.iterdir() if path.name[0] not in "_."}
    rooms -= {"analysis/riffscope/py.typed"}
    assert {room for room in rooms if not any(name.startswith(room) for name in places(PAGES[0]))} == set()


def test_every_link_of_the_readme_into_the_project_leads_somewhere():
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / "README.md").read_text("utf-8"))
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
