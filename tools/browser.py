"""Makes sure that there is a Chromium for the browser tests, where that is simple. Never stops the set-up."""

import os
import shutil
import subprocess
from pathlib import Path

PACKAGES = ["chromium", "fonts-noto-cjk"]


def main() -> None:
    if shutil.which("chromium"):
        return
    if os.geteuid() != 0 or not Path("/etc/debian_version").exists() or not shutil.which("apt-get"):
        print("No Chromium here: browser tests will be skipped. Everything else works.")
        return
    print("installing Chromium for the browser tests ...")
    if not (_apt("update") and _apt("install", "--no-install-recommends", "-y", *PACKAGES)):
        print("Chromium could not be installed: browser tests will be skipped. Everything else works.")


def _apt(*words: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        result = subprocess.run(
            ["apt-get", "-qq", *words], env=environment, capture_output=True, check=False, timeout=900
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0


if __name__ == "__main__":
    main()
