# The image of the action. The digest names the index of all platforms; Dependabot renews it.
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS base

FROM base AS build

COPY requirements/runtime.txt /tmp/runtime.txt
RUN python -m venv --without-pip /action/venv \
    && python -m pip --python /action/venv/bin/python install --disable-pip-version-check --no-cache-dir --no-compile \
        --only-binary :all: --require-hashes --no-deps --requirement /tmp/runtime.txt \
    # The libraries' own tests are not needed.
    && find /action/venv -type d -name tests -prune -exec rm -rf {} +

COPY src/copilot_metrics /action/src/copilot_metrics
COPY action.yml /action/src/copilot_metrics/

# `python -I` ignores PYTHONPATH and the working directory, so a .pth file names the folder of the package.
ENV MPLCONFIGDIR=/action/cache
RUN echo /action/src > "$(/action/venv/bin/python -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/action.pth" \
    && /action/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /action/venv/lib /action/src \
    && /action/venv/bin/python -I -c 'import matplotlib.font_manager'

FROM base AS system

# Remove what no run needs, and compile the standard library, which the base image does not.
RUN python -m pip uninstall --yes --quiet --root-user-action ignore pip \
    && find /usr -type d \( -name ensurepip -o -name idlelib -o -name turtledemo \) -prune -exec rm -rf {} + \
    && python -m compileall -q --invalidation-mode unchecked-hash "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"

FROM scratch

# A removed file still takes space in the layers below, so the file system is copied into one new layer.
# hadolint ignore=DL3067
COPY --from=system / /
COPY --from=build /action /action

# The runner sets HOME to a folder of the job, so the font cache has its own path.
ENV PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 MPLCONFIGDIR=/action/cache

ARG SOURCE="" VERSION="" REVISION=""
LABEL org.opencontainers.image.title="Copilot Metrics Report" \
      org.opencontainers.image.description="Shows an organization how it uses GitHub Copilot: job summary, Markdown, charts, CSV, and JSON." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# There is no USER: only root can write to the workspace, whatever user owns it. The program gives its files to that user.

# The exec form keeps variables with a hyphen, such as INPUT_API-URL, which a shell drops.
ENTRYPOINT ["/action/venv/bin/python", "-I", "-u", "-m", "copilot_metrics"]
