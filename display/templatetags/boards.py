"""What of a board stays from one change to the next is written once."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from display.board import Call, Words

register = template.Library()

KEPT = 1024


@register.simple_tag
@lru_cache(KEPT)
def call_item(call: Call, words: tuple[Words, ...]) -> SafeString:
    """The call as an item of the list of calls."""
    return render_to_string("display/_call.html", {"call": call, "words": words})


@register.simple_tag
@lru_cache(KEPT)
def side_by_side(words: tuple[Words, ...], what: str) -> SafeString:
    """One of the board's words in each of its languages; `what` is its name in Words."""
    return format_html_join("", '<span lang="{}">{}</span>', ((one.language, getattr(one, what)) for one in words))
