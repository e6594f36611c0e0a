"""Settings typed from the environment. Every variable that Clewline reads is declared here."""

from pathlib import Path

from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env(prefix="CLEWLINE_")
env.read_env(BASE_DIR / ".env", recurse=False)
