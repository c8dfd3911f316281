"""Sign-in at the organisation's own provider, by OpenID Connect. Accounts are matched, never made."""

from functools import cache
from typing import Any, cast

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from authlib.integrations.django_client.apps import DjangoOAuth2App
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from joserfc.errors import JoseError

from accounts.models import User
from accounts.refusals import NoSuchAccount, ProviderTrouble

PROVIDER_TIMEOUT = 5
"""Seconds for one request to the provider."""
Claims = dict[str, Any]
PROVIDER_ERRORS = (
    AuthlibBaseError,
    JoseError,
    requests.RequestException,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What authlib raises when the provider doesn't answer, or its answer isn't valid."""


def begin(request: HttpRequest, back: str) -> HttpResponse:
    """Send the browser to the provider; from there it comes `back`. Raises ProviderTrouble."""
    try:
        answer: HttpResponse = _client().authorize_redirect(request, back)
    except PROVIDER_ERRORS as error:
        raise ProviderTrouble from error
    return answer


def end(request: HttpRequest) -> User:
    """The account of whoever has come back. Raises ProviderTrouble, and NoSuchAccount."""
    issuer, client_id, _secret = _provider()
    must = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}}
    try:
        claims = _client().authorize_access_token(request, claims_options=must)["userinfo"]
        return account_of(claims, issuer)
    except PROVIDER_ERRORS as error:
        raise ProviderTrouble from error


def account_of(claims: Claims, issuer: str) -> User:
    """The account that these claims name: by its subject, and the first time by the verified e-mail address of exactly
    one account, which is then tied to the subject. Raises NoSuchAccount."""
    identity = f"{issuer} {claims['sub']}"
    known = User.objects.filter(single_sign_on=identity, is_active=True).first()
    if known is not None:
        return known
    address = claims.get("email")
    if not address or claims.get("email_verified") is not True:
        raise NoSuchAccount
    same = list(User.objects.filter(email__iexact=address)[:2])
    if len(same) != 1 or not same[0].is_active or same[0].single_sign_on:
        raise NoSuchAccount
    same[0].single_sign_on = identity
    same[0].save(update_fields=["single_sign_on"])
    return same[0]


def _client() -> DjangoOAuth2App:
    return _client_of(*_provider())


def _provider() -> tuple[str, str, str]:
    """Issuer, client id, secret. Only where SINGLE_SIGN_ON is set, which the caller has checked."""
    return cast("tuple[str, str, str]", settings.SINGLE_SIGN_ON)


@cache
def _client_of(issuer: str, client_id: str, client_secret: str) -> DjangoOAuth2App:
    return OAuth().register(
        "organisation",
        client_id=client_id,
        client_secret=client_secret,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid email", "code_challenge_method": "S256", "default_timeout": PROVIDER_TIMEOUT},
    )
