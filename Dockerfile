FROM python:3.13-slim-trixie AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
COPY requirements.txt /tmp/
RUN /venv/bin/pip install --require-hashes -r /tmp/requirements.txt
COPY . /app
WORKDIR /app
# Settings that only the build sees: nothing of them stays in the image's environment.
RUN export PUBLIC_URL=https://build.invalid SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    && /venv/bin/python manage.py compile_translations \
    && /venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && /venv/bin/python -m compileall -q /app

FROM python:3.13-slim-trixie
# pg_dump and pg_restore of the database's own version, for backup and restore.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client-17 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /app queuesite
COPY --from=build /venv /venv
COPY --from=build --chown=10001 /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT=8000
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["python", "-m", "queuesite.health"]
CMD ["sh", "-c", "exec python -m daphne -b \"$HOST\" -p \"$PORT\" -v 0 -t 60 --websocket_connect_timeout 60 --no-server-name queuesite.asgi:application"]
