"""Thanks: those that a clerk has been given, and saying them to a colleague."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from queues import actions, queries
from queues.refusals import Refusal, TargetGone
from staffdesk.access import clerk, colleagues_of, shared_branch
from staffdesk.forms import number, words

LISTED = 100


@never_cache
@login_required
@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """Thanks that this person has been given. Seen once, they are no longer counted as new."""
    by = clerk(request)
    given = queries.thanks_to(by, most=LISTED)
    actions.see_thanks(by)
    return render(request, "staffdesk/desk/thanks.html", {"thanks": given, "colleagues": colleagues_of(by)})


@login_required
@require_POST
def thank(request: HttpRequest) -> HttpResponse:
    """Thank a colleague."""
    by = clerk(request)
    to = queries.person_by_id(number(request, "to") or 0)
    shared = shared_branch(by, to) if to else None
    try:
        if to is None or shared is None:
            raise TargetGone
        actions.thank_colleague(shared, to, words(request, "words"), by=by)
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.info(request, _("%(name)s will see your thanks.") % {"name": to.shown_name})
    return redirect("thanks")
