"""A second factor: a time-based code from the phone, and backup codes for when the phone is not at hand."""

import secrets
from base64 import b32encode
from math import ceil

import segno
from django.db import transaction
from django.utils import timezone
from django_otp import verify_token
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User
from accounts.refusals import TooManyCodes, WrongCode

BACKUP_CODES = 8
CODE_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
CODE_LENGTH = 10
"""Characters of a backup code: about 49 bits."""
TOTP_DIGITS = 6


def is_set_up(user: User) -> bool:
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def check(user: User, said: str) -> None:
    """Accept a code from the phone, or a backup code, each once. Raises WrongCode, or TooManyCodes. Locks the user's
    device."""
    code = said.replace(" ", "").replace("-", "").lower()
    model = TOTPDevice if code.isdigit() and len(code) == TOTP_DIGITS else StaticDevice
    device = model.objects.filter(user=user, confirmed=True).first()
    if device is None:
        raise WrongCode
    _accept(device, code)


def being_set_up(user: User) -> TOTPDevice:
    """The device that the next confirmation is about: the same on every look, until it is confirmed."""
    device: TOTPDevice
    device, _new = TOTPDevice.objects.get_or_create(user=user, confirmed=False, defaults={"name": "phone"})
    return device


def key(device: TOTPDevice) -> str:
    """What is typed into the app where nothing can be scanned, in groups of four."""
    letters = b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def qr_code(device: TOTPDevice) -> str:
    """What the phone's app reads, as a data URI."""
    return segno.make(device.config_url, error="m").svg_data_uri(scale=5, border=4, dark="#12211f", light="#ffffff")


def confirm(user: User, said: str) -> list[str]:
    """The phone shows the right code: from now on it is asked for. Returns the backup codes, which are shown once.
    Raises WrongCode, or TooManyCodes."""
    device = being_set_up(user)
    _accept(device, said.replace(" ", ""))
    codes = ["".join(secrets.choice(CODE_ALPHABET) for _letter in range(CODE_LENGTH)) for _code in range(BACKUP_CODES)]
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user, confirmed=True).delete()
        StaticDevice.objects.filter(user=user).delete()
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
        backup = StaticDevice.objects.create(user=user, name="backup")
        for code in codes:
            backup.token_set.create(token=code)
    return codes


def remove(user: User, said: str) -> None:
    """No code is asked for any more. Raises WrongCode, or TooManyCodes."""
    check(user, said)
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()


def _accept(device: TOTPDevice | StaticDevice, code: str) -> None:
    """Counts what doesn't fit, in a transaction of its own. Raises WrongCode, or TooManyCodes."""
    allowed, why = device.verify_is_allowed()
    if not allowed:
        seconds = (why["locked_until"] - timezone.now()).total_seconds()
        raise TooManyCodes(max(1, ceil(seconds)))
    if verify_token(device.user, device.persistent_id, code) is None:
        raise WrongCode
