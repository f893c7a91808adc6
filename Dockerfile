# The image of the Action: the first stage installs and compiles, the second holds what a run needs.
#
# The digest names the index of all platforms. To renew it, ask for the one that the tag has now:
#   docker buildx imagetools inspect python:3.13-slim
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS base

# The runner sets HOME to a folder of the job, so the font cache needs a place of its own.
ENV MPLCONFIGDIR=/action/cache

FROM base AS build

COPY requirements/runtime.txt /tmp/runtime.txt
RUN python -m venv --without-pip /action/venv \
    && python -m pip --python /action/venv/bin/python install --disable-pip-version-check --no-cache-dir --no-compile \
        --only-binary :all: --require-hashes --requirement /tmp/runtime.txt \
    # Nobody runs the libraries' own tests here.
    && find /action/venv -type d -name tests -prune -exec rm -rf {} +

COPY action.yml /action/
COPY src /action/src
COPY templates /action/templates
COPY schemas /action/schemas

# `-I` ignores PYTHONPATH and the working directory, so a .pth file says where the package is. Whatever a start can be
# spared is done here, under the paths of the image: the font cache, the templates and the bytecode.
RUN echo /action/src > "$(/action/venv/bin/python -I -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/action.pth" \
    && /action/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /action/venv/lib /action/src \
    && /action/venv/bin/python -I -c 'import matplotlib.font_manager' \
    && /action/venv/bin/python -I -m copilot_metrics.prepared

FROM base

COPY --from=build /action /action

# No USER: the runner mounts the workspace with an owner of its own, and only root may write there for sure. What the
# program writes, it gives to that owner.

# In exec form, since a shell drops variables with a hyphen, such as INPUT_API-URL; isolated, since the job's own
# environment, PYTHONPATH too, reaches the container.
ENTRYPOINT ["/action/venv/bin/python", "-I", "-u", "-m", "copilot_metrics"]
