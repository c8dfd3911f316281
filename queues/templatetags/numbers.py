"""How a number is written: prefix, a narrow gap, digits; it never breaks."""

import re

from django import template

register = template.Library()

PARTS = re.compile(r"^(\D*)(\d+)$")


@register.inclusion_tag("_number.html")
def number(shown: str) -> dict[str, str]:
    """Write a shown number, such as A27, as markup; what isn't letters and digits is written as it is."""
    match = PARTS.match(shown)
    prefix, digits = match.groups() if match else ("", shown)
    return {"prefix": prefix, "digits": digits}
