# The image of the Action: one stage installs and compiles, one takes away what no run needs, the last is what they leave.
#
# The digest names the index of all platforms. To renew it, ask for the one that the tag has now:
#   docker buildx imagetools inspect python:3.13-slim
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS base

FROM base AS build

COPY requirements/runtime.txt /tmp/runtime.txt
RUN python -m venv --without-pip /action/venv \
    && python -m pip --python /action/venv/bin/python install --disable-pip-version-check --no-cache-dir --no-compile \
        --only-binary :all: --require-hashes --no-deps --requirement /tmp/runtime.txt \
    # Nobody runs the libraries' own tests here.
    && find /action/venv -type d -name tests -prune -exec rm -rf {} +

COPY action.yml /action/
COPY src /action/src
COPY schemas /action/schemas

# `-I` ignores PYTHONPATH and the working directory, so a .pth file says where the package is. Whatever a start can be
# spared is done here, under the paths of the image: the font cache, the templates and the bytecode.
ENV MPLCONFIGDIR=/action/cache
RUN echo /action/src > "$(/action/venv/bin/python -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/action.pth" \
    && /action/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /action/venv/lib /action/src \
    && /action/venv/bin/python -I -c 'import matplotlib.font_manager'

FROM base AS closed

# Nothing is installed into a finished image, nor looked at in a window.
RUN python -m pip uninstall --yes --quiet --root-user-action ignore pip \
    && find /usr -type d \( -name ensurepip -o -name idlelib -o -name turtledemo \) -prune -exec rm -rf {} + \
    # The base has no bytecode of the standard library, and every start would compile what it imports.
    && python -m compileall -q --invalidation-mode unchecked-hash "$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"

FROM scratch

# What was taken away would still lie in the layers below, so the file system is copied whole, into one of its own.
# hadolint ignore=DL3067
COPY --from=closed / /
COPY --from=build /action /action

# The runner sets HOME to a folder of the job, so the font cache needs a place of its own.
ENV PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 MPLCONFIGDIR=/action/cache

ARG SOURCE="" VERSION="" REVISION=""
LABEL org.opencontainers.image.title="Copilot Metrics Report" \
      org.opencontainers.image.description="A report of what GitHub Copilot is used for: a job summary, Markdown, charts, CSV and JSON." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# No USER: the runner mounts the workspace with an owner of its own, and only root may write there for sure. What the
# program writes, it gives to that owner.

# In exec form, since a shell drops variables with a hyphen, such as INPUT_API-URL; isolated, since the job's own
# environment, PYTHONPATH too, reaches the container.
ENTRYPOINT ["/action/venv/bin/python", "-I", "-u", "-m", "copilot_metrics"]
