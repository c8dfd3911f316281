"""How a number is written: prefix, a narrow gap, digits; it never breaks."""

import re
from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

PARTS = re.compile(r"^(\D*)(\d+)$")


@register.simple_tag
@lru_cache(4096)  # the same few numbers stand on every screen and in every answer
def number(shown: str) -> SafeString:
    """Write a shown number, such as A27, as markup; what isn't letters and digits is written as it is."""
    match = PARTS.match(shown)
    prefix, digits = match.groups() if match else ("", shown)
    start = format_html('<span class="number-prefix">{}</span>', prefix) if prefix else ""
    return format_html('<span class="number">{}{}</span>', start, digits)
