# One image for every service; docker-compose.yml says which command each runs.

FROM node:22.23.2-bookworm-slim AS build
WORKDIR /numberyard
COPY . .
RUN npm ci --no-audit --no-fund \
 && npm run build \
 && npm prune --omit=dev --no-audit --no-fund \
 # What the compiler needed and the services do not.
 && find . -path ./node_modules -prune -o \( -name src -o -name test -o -name '.turbo' \) -type d -prune -exec rm -rf {} +

FROM node:22.23.2-bookworm-slim
WORKDIR /numberyard
COPY --from=build /numberyard ./
USER node
EXPOSE 4000
CMD ["node", "gateway/dist/main.js", "--supergraph", "schema/supergraph.graphql", "--port", "4000"]
