# Debian, not Alpine: Temporal's native core is built against glibc. Targets: worker (the default) and simulator.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
# The optional dependency, which makes Parquet, is in the image.
RUN npm run build && npm prune --omit=dev --no-audit --no-fund \
  && chmod +x lib/src/starter.js && mkdir bin && ln -s ../lib/src/starter.js bin/marketo-lead-extract

FROM node:24-bookworm-slim AS runtime
# The native core needs root certificates even for connections without TLS.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
USER node

# For the demonstration and tests of a deployment; listens beyond loopback so that other containers reach it.
FROM runtime AS simulator
COPY --from=build /app/lib/simulator lib/simulator
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/simulator/state').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# node itself is PID 1, so that SIGTERM reaches it; npm would not pass it on.
ENTRYPOINT ["node", "--enable-source-maps", "lib/simulator/main.js", "--host", "0.0.0.0", "--port", "8080"]

FROM runtime AS worker
COPY --from=build /app/lib/src lib/src
COPY --from=build /app/lib/workflow-bundle.js lib/workflow-bundle.js
ENV PATH=/app/bin:$PATH
COPY --from=build /app/bin bin
# Two pools of freed memory instead of eight a core, and a small nursery: a quarter less memory at the peak (docs/performance.md).
ENV METRICS_ADDRESS=0.0.0.0:9464 MALLOC_ARENA_MAX=2
EXPOSE 9464
# Metrics are served by the worker's native core for as long as it works.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.METRICS_ADDRESS.split(':').pop()}/metrics`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Every command is there: docker run … doctor, docker compose exec worker marketo-lead-extract status …
ENTRYPOINT ["node", "--enable-source-maps", "--max-semi-space-size=1", "lib/src/starter.js"]
CMD ["worker"]
