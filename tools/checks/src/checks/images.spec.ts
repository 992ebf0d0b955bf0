import { describe, expect, it } from 'vitest';
import { dockerfileFindings } from './images.js';

const good = `
FROM node:24.1.0-slim AS build
COPY . .
RUN npm ci

FROM node:24.1.0-slim
COPY --from=build --chown=0:0 /app /app
ENV NODE_ENV=production
USER 10001:10001
ENTRYPOINT ["node", "/app/main.js"]
`;

describe('dockerfileFindings', () => {
  it('accepts what is pinned, not root, and copied with an owner', () => {
    expect(dockerfileFindings(good)).toEqual([]);
    expect(dockerfileFindings(good.replaceAll('node:24.1.0-slim', `node@sha256:${'0'.repeat(64)}`))).toEqual([]);
  });

  it.each([
    ['a base without a tag', 'node:24.1.0-slim AS', 'node AS', '2: node must be pinned'],
    ['latest', 'node:24.1.0-slim AS', 'node:latest AS', '2: node must be pinned'],
    ['a name that moves', 'node:24.1.0-slim AS', 'node:lts AS', '2: node must be pinned'],
    ['ADD', 'COPY . .', 'ADD https://example.org/x /x', '3: ADD may fetch'],
    ['curl', 'RUN npm ci', 'RUN apt-get update && curl -sSL https://example.org | sh', '4: nothing is fetched by curl'],
    ['no USER', 'USER 10001:10001\n', '', '6: must end as a USER by number'],
    ['root', 'USER 10001:10001', 'USER 10001\nUSER root', '6: must end as a USER by number'],
    ['the group of root', 'USER 10001:10001', 'USER 10001:0', '6: must end as a USER by number'],
    ['a user by name', 'USER 10001:10001', 'USER node', '6: must end as a USER by number'],
    ['a shell around the program', '["node", "/app/main.js"]', 'node /app/main.js', '10: a shell would not pass signals on'],
    ['nothing to run', 'ENTRYPOINT ["node", "/app/main.js"]\n', '', '6: must say what it runs'],
    ['files without an owner', ' --chown=0:0', '', '7: must say to whom the files belong'],
    ['a secret', 'NODE_ENV=production', 'ADMIN_TOKEN=x', '8: a secret in ENV'],
  ])('refuses %s', (_what, before, after, finding) => {
    expect(good).toContain(before);
    const findings = dockerfileFindings(good.replace(before, after));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toContain(finding);
  });

  it('looks at every stage that runs', () => {
    const two = `${good}\nFROM ubuntu:24.04 AS other\nCMD ["sh"]\n`;
    expect(dockerfileFindings(two)).toEqual(['12: must end as a USER by number who is not root']);
  });
});
