FROM node:26-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:26-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 JOBS_DIR=/jobs
# glibc otherwise keeps what is freed, in an arena for each thread
ENV MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=262144
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY openapi openapi
COPY src src
# volumes that are mounted here begin as the user's own
RUN install -d -o node -g node /keys /jobs /data .cache
USER node
# what Node strips of its types and V8 compiles: without it a start and each thread take twice the time, and 15 MB more
ENV NODE_COMPILE_CACHE=/app/.cache
RUN AUTH=none PORT=0 timeout --preserve-status --signal=TERM 30 node --max-old-space-size-percentage=50 --max-semi-space-size=8 src/server.ts
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# half of the container's memory for the heap; tensors and bodies lie outside of it; new objects get 24 MB of it and not 96
CMD ["node", "--max-old-space-size-percentage=50", "--max-semi-space-size=8", "src/server.ts"]
