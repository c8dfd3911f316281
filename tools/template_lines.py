"""`python -m tools.template_lines`: is any line of a template longer than 160 characters?

A sentence that is translated may be, on a line of its own: Django's tags can't go over two lines. What stands in
{% blocktranslate trimmed %} can be broken like any text.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST = 160
TEMPLATES = Path("templates")
SENTENCE = re.compile(r"""\{% translate ("[^"]*"|'[^']*')( as \w+)? %\}""")


def main() -> int:
    """0, or 1 after a line for each that is too long."""
    faults = list(too_long(TEMPLATES))
    for path, line, length in faults:
        sys.stdout.write(f"{path}:{line}: {length} characters, {LONGEST} at most\n")
    return 1 if faults else 0


def too_long(folder: Path) -> Iterator[tuple[Path, int, int]]:
    """The file, the line's number and its length."""
    for path in sorted(folder.rglob("*.html")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if len(line) > LONGEST and not SENTENCE.fullmatch(line.strip()):
                yield path, number, len(line)


if __name__ == "__main__":
    sys.exit(main())
