"""What goes into a frame."""

import json

from live.source import body


def test_a_frame_leaves_out_what_only_indents_the_template() -> None:
    html = '<ul>\n    <li>A 12</li>\n\n    <li lang="sv">B 3</li>\n</ul>'
    assert json.loads(body(html=html))["html"] == '<ul>\n<li>A 12</li>\n<li lang="sv">B 3</li>\n</ul>'
