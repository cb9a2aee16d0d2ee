# Builds with Python alone: the page is built by the wheel's build hook, with the Node of a wheel (docs/decisions/0002).
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src

# What changes seldom comes first, so that a changed line of code does not install everything again.
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /opt/build && \
    python -m venv --without-pip /opt/gradwire && \
    /opt/build/bin/pip install --require-hashes --only-binary :all: -r requirements-build.lock && \
    /opt/build/bin/pip --python /opt/gradwire install --require-hashes --only-binary :all: -r requirements.lock

COPY . .
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . && \
    /opt/build/bin/pip --python /opt/gradwire install --no-deps /wheels/*.whl

FROM python:${PYTHON}-slim
LABEL org.opencontainers.image.title="gradwire" \
      org.opencontainers.image.description="Expressions as live circuits: forward values in green, gradients in red" \
      org.opencontainers.image.licenses="MIT"

RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin gradwire && \
    install --directory --owner gradwire --group gradwire /data
COPY --from=build /opt/gradwire /opt/gradwire

# Nothing is written but the database, under /data: the rest of the file system may be read-only.
ENV PATH=/opt/gradwire/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 GRADWIRE_DATA_DIR=/data
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
# SIGTERM lets what has begun finish, within 10 s.
STOPSIGNAL SIGTERM
CMD ["gradwire", "serve", "--host", "0.0.0.0", "--port", "8000"]
