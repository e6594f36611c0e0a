"""An embedded installation can be copied while it runs, and lives on from the copy."""

import shutil
import subprocess
from pathlib import Path

from tests.support.topology import Topologies


def test_backup_while_it_runs_and_restore(topology: Topologies, tmp_path: Path) -> None:
    clewline = topology.embedded()
    with clewline.connect() as connection:
        connection.execute("CREATE TABLE note (text)")
        connection.execute("INSERT INTO note VALUES ('written before')")
    archive = tmp_path / "backup.tar.gz"
    assert str(archive) in clewline.manage("backup", str(archive))
    assert archive.stat().st_mode & 0o777 == 0o600
    data = Path(clewline.environment["CLEWLINE_DATA_DIR"])
    key = (data / "secret_key").read_text()
    clewline.web.kill()

    shutil.rmtree(data)
    data.mkdir()
    subprocess.run(["tar", "-xzf", archive, "-C", data], check=True)
    clewline.web.start()
    with clewline.connect() as connection:
        assert connection.execute("SELECT text FROM note").fetchall() == [("written before",)]
    assert (data / "secret_key").read_text() == key
