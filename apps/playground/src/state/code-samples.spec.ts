import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { asCode, asCurl } from './code-samples.js';
import { initialSettings } from './settings.js';

const settings = { ...initialSettings(), prompt: `it's "a red apple" $HOME \\`, seed: 7, steps: 4 };

describe('the samples', () => {
  it('as curl, reach the server as they were set, whatever is in the prompt', () => {
    // The shell's own reading of the line, with echo in the place of curl's transfer.
    const line = asCurl(settings, 'http://127.0.0.1:8080')
      .split('\n')
      .slice(2, 3)
      .join('')
      .replace(/\s*\\$/, '');
    const body = execFileSync('sh', ['-c', `printf %s ${line.replace('-d ', '')}`], { encoding: 'utf8' });
    expect(JSON.parse(body)).toEqual({ prompt: settings.prompt, seed: 7, steps: 4, response_format: 'b64_json' });
  });

  it('as code, are a program with the settings in it', () => {
    const code = asCode(settings, 'http://127.0.0.1:8080');
    expect(code).toContain(`prompt: ${JSON.stringify(settings.prompt)},`);
    expect(code).toContain('seed: 7,');
    expect(code).not.toContain('guidance_scale');
  });

  it('start from a picture where the settings do', () => {
    const blob = new Blob([]);
    const edit = { ...settings, picture: { image: blob, mask: blob, width: 64, height: 64, strength: 0.5 } };
    const line = asCurl(edit, 'http://127.0.0.1:8080');
    const args = execFileSync('sh', ['-c', line.replace(/^curl/, 'printf "%s\\n"').replace(/\\\n {2}\|.*$/s, '')], {
      encoding: 'utf8',
      env: { DARKROOM_API_KEY: 'dk_1' },
    }).split('\n');
    expect(args).toEqual(
      expect.arrayContaining([
        'http://127.0.0.1:8080/v1/images/edits',
        'Authorization: Bearer dk_1',
        'image=@start.png',
        'mask=@mask.png',
        'strength=0.5',
        `prompt=${settings.prompt}`,
      ]),
    );
    const code = asCode(edit, 'http://127.0.0.1:8080');
    expect(code).toContain(`client.images.edit({\n  image: createReadStream('start.png'),`);
    expect(code).toContain('  strength: 0.5,');
  });
});
