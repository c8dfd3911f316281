"""How a length of time is written: hours and minutes, as people say them."""

from datetime import timedelta

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def duration(length: timedelta) -> str:
    """ "2 h 5 min", "5 min"; whole minutes."""
    hours, minutes = divmod(int(length / timedelta(minutes=1)), 60)
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    return _("%(minutes)s min") % {"minutes": minutes}
