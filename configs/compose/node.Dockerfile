# A Docker host in a container. DIND_IMAGE is any image with a Docker engine, iptables, ip
# and openssl; if no image registry is reachable, scripts/images builds one from programs
# of this machine.
ARG DIND_IMAGE=docker:27-dind
FROM ${DIND_IMAGE}
COPY node certificates routes /usr/local/bin/
VOLUME /var/lib/docker
ENTRYPOINT ["node"]
