# twostream in a container, as a user without rights; wheels bring FFmpeg and OpenCV.
#
#   docker build --tag twostream .
#   docker run --rm --volume "$PWD:/work" twostream predict runs/mine video.mp4
#   docker run --rm --volume "$PWD:/work" --publish 127.0.0.1:8000:8000 twostream serve runs/mine --host 0.0.0.0 --token new
FROM python:3.11-slim-bookworm

COPY constraints.txt /src/
COPY packages/twostream/ /src/packages/twostream/
# PyTorch comes as gigabytes for GPUs, unless pip is told (by a pip.conf, say) where the smaller one is.
# hadolint ignore=DL3013,DL3042
RUN pip install --no-cache-dir --constraint /src/constraints.txt torch \
    && pip install --no-cache-dir --constraint /src/constraints.txt \
        '/src/packages/twostream[openvino,onnx,hub,serve]' \
    && useradd --uid 10001 --create-home twostream \
    && install --directory --owner twostream /work

USER 10001
WORKDIR /work
ENTRYPOINT ["twostream"]
CMD ["--help"]
