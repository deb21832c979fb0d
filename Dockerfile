# The image of itubot; docs/howto/deploying.md explains it. The default target does everything; `answers` has no torch and
# cannot add documents. A container writes only to /data and /tmp, and downloads nothing when it starts.

# The version that the tests run on.
FROM docker.io/library/python:3.11-slim-trixie AS python

FROM python AS build
# The index of torch's builds without CUDA. PyPI's build for Linux brings gigabytes that the program does not use.
ARG TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu
RUN python -m venv /opt/itubot
ENV PATH=/opt/itubot/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# What any extra needs, in the versions and with the hashes that `make lock` wrote. What EXTRAS needs of it is installed.
COPY deploy/requirements.txt /packages/
RUN pip download --no-deps --require-hashes --extra-index-url "$TORCH_INDEX_URL" --dest /packages \
    --requirement /packages/requirements.txt
# Extras of pyproject.toml, separated by commas. A provider of language models is one of them, such as openai.
ARG EXTRAS=postgres,traces,mcp
# Other packages, separated by spaces, such as gcsfs for ITUBOT_STORAGE_URL: the newest that PyPI has.
ARG PACKAGES=
WORKDIR /source
COPY . .
# hadolint ignore=DL3013
RUN pip install --no-index --find-links /packages --upgrade setuptools \
    && pip install --no-index --find-links /packages --no-build-isolation ".[$EXTRAS]"
# hadolint ignore=DL3013,SC2086
RUN [ -z "$PACKAGES" ] || pip install $PACKAGES
# An ingest of the bundled report exports the embedding model, so that questions need no torch.
ENV ITUBOT_ENCODER_DIR=/opt/itubot/encoder
RUN ITUBOT_DATA_DIR=/tmp/data itubot ingest && chmod -R a+rX "$ITUBOT_ENCODER_DIR"

FROM build AS build-answers
# What only sentence-transformers and the export of the embedding model need.
RUN pip uninstall --yes torch transformers sentence-transformers scikit-learn scipy \
    onnx onnxscript onnx-ir ml_dtypes sympy mpmath networkx

FROM python AS runtime
RUN install --directory --owner=10001 --group=10001 --mode=0700 /data
# Libraries write their caches to HOME; a model that is named and not bundled stays in the volume.
ENV PATH=/opt/itubot/bin:$PATH HOME=/tmp HF_HOME=/data/huggingface PYTHONUNBUFFERED=1 \
    ITUBOT_DATA_DIR=/data ITUBOT_ENCODER_DIR=/opt/itubot/encoder ITUBOT_STATUS_PORT=9090
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001
WORKDIR /data
VOLUME /data
# Slack's requests in HTTP mode; health and metrics.
EXPOSE 3000 9090
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-I", "-c", \
    "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['ITUBOT_STATUS_PORT'] + '/healthz')"]
ENTRYPOINT ["itubot"]
CMD ["serve"]

FROM runtime AS answers
COPY --from=build-answers /opt/itubot /opt/itubot

FROM runtime
COPY --from=build /opt/itubot /opt/itubot
