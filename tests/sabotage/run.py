#!/usr/bin/env python3
"""Break each promise on purpose, in a copy of the tree, and require that its test notices: ``run.py [I4 ...]``."""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
NOT_COPIED = (
    ".git", ".venv", ".tools", ".clewline", "node_modules", "staticfiles", "__pycache__", ".*_cache", ".hypothesis",
    "*.sqlite3*",
)  # fmt: skip
ASSERTIONS, OTHER = 1, "neither passed nor failed"
PROMISES = {"I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I9", "handover"}


def pytest(tree: Path, tests: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--tb=line", "--timeout=60", *tests],
        cwd=tree, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "CLEWLINE_DATA_DIR": str(tree / ".clewline")},
    )  # fmt: skip


def sabotage(tree: Path, case: dict[str, Any]) -> str:
    """What went wrong, or nothing."""
    path = tree / case["file"]
    text = path.read_text()
    if text.count(case["find"]) != 1:
        return f"{case['file']} holds {text.count(case['find'])} times:\n{case['find']}"
    path.write_text(text.replace(case["find"], case["replace"]))
    try:
        done = pytest(tree, [case["test"]])
    finally:
        path.write_text(text)
    if done.returncode == 0:
        return "the test passes all the same"
    if done.returncode != ASSERTIONS or " failed" not in done.stdout:
        return f"the test {OTHER}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    return ""


def main(wanted: list[str]) -> int:
    cases = tomllib.loads((Path(__file__).parent / "breaks.toml").read_text())["break"]
    missing = PROMISES - {case["promise"] for case in cases}
    assert not missing, f"no way to break {missing}"
    cases = [case for case in cases if not wanted or case["promise"] in wanted]
    with tempfile.TemporaryDirectory(prefix="clewline-sabotage-") as directory:
        tree = Path(directory, "tree")
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*NOT_COPIED))
        whole = pytest(tree, sorted({case["test"] for case in cases}))
        if whole.returncode != 0:
            print(f"The tests do not pass on the whole tree:\n{whole.stdout[-4000:]}{whole.stderr[-2000:]}")
            return 1
        failed = 0
        for case in cases:
            problem = sabotage(tree, case)
            failed += bool(problem)
            print(f"{'FAILED  ' if problem else 'noticed '} {case['promise']:11}{case['what']}", flush=True)
            if problem:
                print(f"          {problem}")
    print(f"{failed} of {len(cases)} went unnoticed." if failed else f"All {len(cases)} were noticed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
