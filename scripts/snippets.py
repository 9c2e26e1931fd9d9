"""Type-check the programs of the documentation, as a user's own code would be."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
GENERATED = ROOT / "examples" / "pingpong"  # what a page has protoc generate
PROGRAM = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def extract(target: Path) -> None:
    """Write each Python block of the documentation into a file of its own."""
    for page in sorted(ROOT.glob("docs/**/*.md")):
        for number, code in enumerate(PROGRAM.findall(page.read_text()), 1):
            name = f"{page.stem}_{number}.py".replace("-", "_")
            (target / name).write_text(code)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        extract(Path(folder))
        config = Path(folder) / "pyrightconfig.json"
        settings = {"typeCheckingMode": "strict", "extraPaths": [str(GENERATED)]}
        config.write_text(json.dumps(settings))
        checkers = (
            ["mypy", "--config-file=", "--strict", folder],
            ["pyright", "--project", str(config), "--pythonpath", sys.executable],
        )
        environment = os.environ | {"MYPYPATH": str(GENERATED)}
        ran = [subprocess.run(c, check=False, env=environment) for c in checkers]
        return max(each.returncode for each in ran)


if __name__ == "__main__":
    sys.exit(main())
