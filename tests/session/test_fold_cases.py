"""The Python fold passes the same case files as the browser's."""

import json
from pathlib import Path

import pytest

from sessions_app.session.fold import Fold, fold

CASES = sorted((Path(__file__).parent.parent / "fold_cases").glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = json.loads(path.read_text())
    assert fold(case["records"]) == case["view"]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_continuing_a_snapshot_at_every_offset_gives_the_same_view(path: Path) -> None:
    case = json.loads(path.read_text())
    for cut in range(len(case["records"]) + 1):
        snapshot = json.loads(json.dumps(fold(case["records"][:cut])))
        assert fold(case["records"][cut:], snapshot, start=cut) == case["view"]


def test_there_are_cases() -> None:
    assert len(CASES) >= 25
    assert Fold().view()["items"] == []
