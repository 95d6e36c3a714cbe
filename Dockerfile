# The supervisor for the Docker engine whose socket it is given:
#   docker run -d --name supervisor --network host \
#     -v /var/run/docker.sock:/var/run/docker.sock -v supervisor:/var/lib/supervisor \
#     supervisor
# For engines at ssh:// addresses it needs a key and known hosts as well:
#     -v ~/.ssh:/root/.ssh:ro
# It is root in there: the socket's owner can do as much as root anyway. It has the
# host's network, to reach the pods it probes.
ARG PYTHON_IMAGE=python:3.12-slim
FROM ${PYTHON_IMAGE}
WORKDIR /src
ENV TZ=UTC
# The way to engines on other hosts; a base may have it already.
RUN command -v ssh || { \
        apt-get update && \
        apt-get install -y --no-install-recommends openssh-client && \
        rm -rf /var/lib/apt/lists/*; \
    }
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY supervisor supervisor
RUN pip install --no-cache-dir --constraint constraints.txt .
WORKDIR /
VOLUME /var/lib/supervisor
ENTRYPOINT ["supervisor"]
CMD ["daemon", "--state-dir", "/var/lib/supervisor"]
