import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { workspaceRoot } from '../workspace.js';
import { imageApps } from './workspace-images.js';

const dockerfile = readFileSync(path.join(workspaceRoot, 'deploy/images/Dockerfile'), 'utf8');

/** What an app's image holds beside compiled code and packages. */
function extrasOf(app: string): readonly string[] {
  const arm = new RegExp(`^ +${app}\\) extras="?([^"]*?)"? ;;`, 'm').exec(dockerfile);
  return ['package.json', `apps/${app}/package.json`, ...(arm?.[1]?.split(' ') ?? [])];
}

/** The files and folders of this repository that a package's sources name by `new URL(…, import.meta.url)`, but for its own sources. */
function readBeside(folder: string): readonly string[] {
  return globSync('src/**/*.ts', { cwd: path.join(workspaceRoot, folder) })
    .filter((file) => !/\.(spec|fixture)\.ts$/.test(file))
    .flatMap((file) => {
      const at = path.posix.join(folder, file);
      const text = readFileSync(path.join(workspaceRoot, at), 'utf8');
      const named = text.matchAll(/new URL\(\s*['"`](\.{1,2}\/[^'"`$]*)['"`],\s*import\.meta\.url/g);
      return Array.from(named, ([, relative = '']) => path.posix.join(path.posix.dirname(at), relative));
    })
    .filter((place) => !place.startsWith(`${folder}/src/`) && existsSync(path.join(workspaceRoot, place)));
}

describe.each(imageApps)('the image of %s', (app) => {
  it('has what its code reads beside itself', () => {
    const extras = extrasOf(app);
    const missing = readBeside(`apps/${app}`).filter(
      (place) => !extras.some((extra) => place === extra || place.startsWith(`${extra}/`)),
    );
    expect(missing).toEqual([]);
  });
});

it('libraries read nothing beside their compiled code', () => {
  const libraries = globSync('libs/*', { cwd: workspaceRoot }).filter((folder) => folder !== 'libs/testing');
  expect(libraries.length).toBeGreaterThan(10);
  expect(libraries.flatMap(readBeside)).toEqual([]);
});

it('sees what the apps are known to read', () => {
  expect(readBeside('apps/control-plane')).toEqual(
    expect.arrayContaining(['apps/control-plane/migrations', 'apps/dashboard/dist']),
  );
  expect(readBeside('apps/moderator')).toContain('apps/moderator/prompt-rules/');
});
