"""What goes into a frame."""

import json

from live.source import body, with_numbers, with_own


def test_a_frame_leaves_out_what_only_indents_the_template() -> None:
    html = '<ul>\n    <li>A 12</li>\n\n    <li lang="sv">B 3</li>\n</ul>'
    assert json.loads(body(html=html))["html"] == '<ul>\n<li>A 12</li>\n<li lang="sv">B 3</li>\n</ul>'


def test_numbers_are_added_to_what_is_ones_own_without_a_second_encoding() -> None:
    shared = with_own(body(html="Jono…"), {"service": 'Pass "A"'})
    assert json.loads(with_numbers(shared, place=24, ahead=23)) == {
        "html": "Jono…",
        "calls": [],
        "own": {"service": 'Pass "A"', "place": 24, "ahead": 23},
    }
