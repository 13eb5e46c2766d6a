# The production image: one for every process, the command chooses. Written, not exercised here: no container engine was at hand.
FROM python:3.11-slim AS build
COPY requirements.txt /build/requirements.txt
RUN python -m venv /opt/strongroom && /opt/strongroom/bin/pip install --no-cache-dir --require-hashes -r /build/requirements.txt

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home strongroom
COPY --from=build /opt/strongroom /opt/strongroom
COPY alembic.ini /app/
COPY core /app/core
COPY migrations /app/migrations
COPY api /app/api
COPY bot /app/bot
COPY workers /app/workers
COPY ops /app/ops
WORKDIR /app
USER strongroom
ENV PATH=/opt/strongroom/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MALLOC_ARENA_MAX=2
ARG BUILD_COMMIT=""
ENV BUILD_COMMIT=$BUILD_COMMIT
CMD ["python", "-m", "api"]
