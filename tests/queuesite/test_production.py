"""What only a site with https:// has."""

import json
import secrets
import subprocess
import sys

from tests.kit.servers import ROOT, clean_environment

ASK = """
import django, json
django.setup()
from django.conf import settings as s
from django.test import Client
headers = dict(Client(headers={"host": "queue.example.fi"}).get("/healthz", secure=True).headers)
moved = Client(headers={"host": "queue.example.fi"}).get("/desk/")
print(json.dumps([
    headers, moved.status_code, moved["Location"],
    [s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.LANGUAGE_COOKIE_NAME],
    [s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.LANGUAGE_COOKIE_SECURE],
]))
"""

MAY = {"autoplay", "fullscreen", "screen-wake-lock"}
MAY_NOT = {
    *("accelerometer", "camera", "display-capture", "encrypted-media", "geolocation", "gyroscope", "hid"),
    *("magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "serial", "usb"),
}


def test_behind_tls_nothing_goes_without_it_and_cookies_are_this_hosts_alone() -> None:
    environment = {**clean_environment(), "PUBLIC_URL": "https://queue.example.fi", "DEBUG": ""}
    environment |= {"DJANGO_SETTINGS_MODULE": "queuesite.settings", "SECRET_KEY": secrets.token_urlsafe(50)}
    asked = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, env=environment, capture_output=True, check=True)
    headers, status, location, names, secure = json.loads(asked.stdout)
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    policy = dict(feature.split("=") for feature in headers["Permissions-Policy"].split(", "))
    assert policy == dict.fromkeys(MAY, "(self)") | dict.fromkeys(MAY_NOT, "()")
    assert (status, location) == (301, "https://queue.example.fi/desk/")
    assert names == ["__Host-sessionid", "__Host-csrftoken", "__Host-django_language"]
    assert secure == [True, True, True]
