import { describe, expect, it } from 'vitest';
import { billOfMaterials, type ImageContents } from './bill-of-materials.js';

const contents: ImageContents = {
  name: 'darkroom/gateway',
  version: '0.1.0',
  node: '24.21.0',
  npmLock: JSON.stringify({
    packages: {
      'libs/contracts': { name: '@darkroom/contracts', version: '0.0.0' },
      'node_modules/@darkroom/contracts': { resolved: 'libs/contracts', link: true },
      // The SHA-512 of nothing, from FIPS 180-4's test vectors.
      'node_modules/@scope/one': {
        version: '1.2.3+build',
        integrity: 'sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==',
        license: '(MIT OR Apache-2.0)',
      },
      'node_modules/two/node_modules/three': { version: '3.0.0', license: 'SEE LICENSE IN LICENSE.txt' },
      'node_modules/three': { version: '3.0.0' },
      'node_modules/alias': { name: 'real', version: '4.0.0' },
    },
  }),
  dpkg: 'libc6\t2.36-9+deb12u13\tamd64\nlibstdc++6\t12.2.0-14\tamd64\n',
  osRelease: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n',
};

interface Bill {
  readonly components: readonly Readonly<Record<string, unknown>>[];
}

const componentsOf = (text: string) => (JSON.parse(text) as Bill).components;

describe('billOfMaterials', () => {
  const components = componentsOf(billOfMaterials(contents));

  it('lists Node, the packages of npm and those of the distribution once each, by the addresses that scanners know them by', () => {
    expect(components.map(({ purl }) => purl)).toEqual([
      'pkg:generic/node@24.21.0',
      'pkg:npm/%40scope/one@1.2.3%2Bbuild',
      'pkg:npm/three@3.0.0',
      'pkg:npm/real@4.0.0',
      'pkg:deb/debian/libc6@2.36-9%2Bdeb12u13?arch=amd64&distro=debian-12',
      'pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64&distro=debian-12',
    ]);
  });

  it('tells digests in hexadecimal, and licences', () => {
    const [, one] = components;
    expect(one).toMatchObject({
      hashes: [{ alg: 'SHA-512', content: expect.stringMatching(/^cf83e1357eefb8bd[0-9a-f]{112}$/) }],
      licenses: [{ expression: '(MIT OR Apache-2.0)' }],
    });
  });

  it('does not take for an expression of SPDX what is none', () => {
    const { npmLock } = contents;
    const only = JSON.parse(npmLock) as { packages: Record<string, object> };
    delete only.packages['node_modules/three'];
    const three = componentsOf(billOfMaterials({ ...contents, npmLock: JSON.stringify(only) })).find(
      ({ name }) => name === 'three',
    );
    expect(three?.['licenses']).toEqual([{ license: { name: 'SEE LICENSE IN LICENSE.txt' } }]);
  });

  it('gives the same bytes of the same image', () => {
    expect(billOfMaterials(contents)).toBe(billOfMaterials(structuredClone(contents)));
  });
});
