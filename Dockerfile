# One image for every role of the production profile; compose.yaml says which role runs.
FROM python:3.12-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 \
    CLEWLINE_DATA_DIR=/data CLEWLINE_STATIC_ROOT=/app/staticfiles CLEWLINE_HOST=0.0.0.0

WORKDIR /app
RUN pip install --no-cache-dir uv==0.13.9 \
    && useradd --system --uid 10001 --home-dir /data clewline \
    && install -d -o clewline -g clewline /data

# The packages first: they change more seldom than the code.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-default-groups --no-cache
ENV PATH=/app/.venv/bin:$PATH

COPY . .
# The key serves this one command; the real one comes with the environment at run time.
RUN CLEWLINE_PROFILE=production CLEWLINE_SECRET_KEY=build CLEWLINE_DATA_DIR=/tmp/build \
    python manage.py collectstatic --noinput --skip-checks -v 0 && rm -rf /tmp/build

USER clewline
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["python", "manage.py"]
CMD ["serve", "--web-only"]
