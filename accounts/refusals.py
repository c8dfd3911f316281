"""Why somebody isn't signed in yet. `str()` gives the sentence in the language that is active then."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class NotLetIn(Exception):  # noqa: N818 - our word: a refusal is an answer, not a fault
    pass


class WrongCode(NotLetIn):
    def __str__(self) -> str:
        return _("This code doesn't fit, or has been used. Please try the next one.")


class TooManyCodes(NotLetIn):
    """`seconds` until a code is looked at again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    def __str__(self) -> str:
        return ngettext(
            "Too many wrong codes. Please try again in %(seconds)s second.",
            "Too many wrong codes. Please try again in %(seconds)s seconds.",
            self.seconds,
        ) % {"seconds": self.seconds}


class ProviderTrouble(NotLetIn):
    """The organisation's sign-in doesn't answer, or its answer isn't valid."""

    def __str__(self) -> str:
        return _("Your organisation's sign-in didn't work just now. Please try again, or use your password.")


class NoSuchAccount(NotLetIn):
    """Signed in at the organisation, but nobody here has that name or verified e-mail address."""

    def __str__(self) -> str:
        return _("Your organisation knows you, but you have no account here. Ask your manager for one.")
