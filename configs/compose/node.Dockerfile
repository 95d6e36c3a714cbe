# A Docker host in a container. DIND_IMAGE is any image with Docker's engine, iptables,
# ip and openssl in it; scripts/images makes one from the programs of this machine where
# no registry answers.
ARG DIND_IMAGE=docker:27-dind
FROM ${DIND_IMAGE}
COPY node certificates routes /usr/local/bin/
VOLUME /var/lib/docker
ENTRYPOINT ["node"]
