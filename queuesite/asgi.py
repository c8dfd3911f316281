"""What Daphne serves."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "queuesite.settings")

from queuesite.routing import application as routed  # isort: skip  # sets Django up
from channels.layers import get_channel_layer
from django.conf import settings

from live.garbage import collect_seldom
from queuesite import fast_paths
from queuesite.asgi_middleware import ProxyHeadersMiddleware
from queuesite.draining import Draining
from queuesite.lock import hold_server_lock

if not settings.ENVIRONMENT.redis_url:
    # In-process change notices reach one process only: the screens of a second one would be a second late.
    hold_server_lock(settings.VAR_DIR / "server.lock")

fast_paths.enable(under_daphne=True)
# Seconds for which a busy thread keeps the others from going on; Python's own are five times as many. A press waits for
# them each time that the database has answered it: twenty times, while thousands of screens come back.
sys.setswitchinterval(0.001)
# Loading Redis's client takes longer than a press may wait for its change notice.
get_channel_layer()

application = Draining(ProxyHeadersMiddleware(routed, settings.TRUSTED_PROXIES))
application.before_stopping()

# What is loaded by now stays.
collect_seldom()
