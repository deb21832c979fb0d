"""Makes the pictures of Slack anew, from the bot's own blocks.

They are drawn by the system's Chromium from pages that look like Slack. Fonts: Lato, as Slack has it
(Debian: fonts-lato), and a colour emoji font (fonts-noto-color-emoji).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import slack_scenes
from PIL import Image

PICTURES = Path(__file__).parent / "img"


def photograph(chromium: str, page: str, picture: Path) -> None:
    """Draw the page into a PNG file of 256 colours, as high as it is. Raises CalledProcessError."""
    measured = page.replace(
        "</html>", "<script>document.title=document.querySelector('main').offsetHeight</script></html>"
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "page.html"
        file.write_text(measured, encoding="utf-8")
        common = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        common += [f"--user-data-dir={folder}/profile"]
        shown = _run([*common, "--window-size=1240,800", "--dump-dom", file.as_uri()])
        height = shown.split("<title>")[1].split("</title>")[0]
        shot = ["--force-device-scale-factor=2", f"--screenshot={picture}", f"--window-size=1240,{height}"]
        _run([*common, *shot, file.as_uri()])
    # A third of the size, and no difference to see: text and a few emoji.
    with Image.open(picture) as taken:
        taken.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(picture, optimize=True)


def _run(command: list[str]) -> str:
    # The browser found on the path, and a page of our own.
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout  # noqa: S603


def main() -> int:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.stderr.write(
            "The pictures of Slack stay as they are: Chromium is missing (apt install chromium)\n"
        )
        return 0
    with tempfile.TemporaryDirectory() as folder:
        for name, page in slack_scenes.draw(Path(folder)).items():
            photograph(chromium, page, PICTURES / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
