"""Which lines of a template are too long."""

from pathlib import Path

import pytest

from tools import template_lines

WORDS = "a sentence " * 20


def lengths(folder: Path, *lines: str) -> list[int]:
    (folder / "page.html").write_text("\n".join(lines))
    return [length for _path, _line, length in template_lines.too_long(folder)]


def test_a_line_of_160_characters_passes_and_a_longer_one_does_not(tmp_path: Path) -> None:
    assert lengths(tmp_path, "x" * 160, "ä" * 160) == []
    assert lengths(tmp_path, "x" * 161) == [161]


def test_a_translated_sentence_may_be_longer_where_nothing_else_stands_on_its_line(tmp_path: Path) -> None:
    assert lengths(tmp_path, f'  {{% translate "{WORDS}" %}}', f'{{% translate "{WORDS}" as words %}}') == []
    assert len(lengths(tmp_path, f'<p>{{% translate "{WORDS}" %}}</p>')) == 1
    assert len(lengths(tmp_path, f"{{% blocktranslate %}}{WORDS}{{% endblocktranslate %}}")) == 1


def test_the_check_names_the_line_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(template_lines, "TEMPLATES", tmp_path)
    (tmp_path / "staff").mkdir()
    lengths(tmp_path / "staff", "short", "x" * 200)
    assert template_lines.main() == 1
    assert capsys.readouterr().out == f"{tmp_path}/staff/page.html:2: 200 characters, 160 at most\n"
