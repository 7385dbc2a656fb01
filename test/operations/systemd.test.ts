import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'parley-units-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const analyze = spawnSync('systemd-analyze', ['--version']);
const missing = analyze.error ? 'systemd-analyze is not installed: apt-get install systemd' : false;

for (const unit of ['parley-frontend.service', 'parley-edge.service']) {
  const text = readFileSync(join(root, 'deploy', 'systemd', unit), 'utf8');

  test(`systemd understands every line of ${unit}`, { skip: missing }, () => {
    const file = join(folder, unit);
    // the places and the account of a real host are not here
    writeFileSync(
      file,
      text.replaceAll('/opt/parley/parley', join(root, 'parley')).replaceAll(/^(User|Group)=.*$/gm, `$1=${userInfo().username}`),
    );
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
    const about = stderr.split('\n').filter(line => line.includes(unit));
    assert.deepEqual(about, []);
    assert.equal(status, 0, stderr);
  });

  test(`${unit} starts what the documentation says, without rights it does not need`, () => {
    assert.match(text, /^ExecStart=\/opt\/parley\/parley serve --config \/etc\/parley\/(frontend|edge)\.yaml$/m);
    assert.match(text, /^User=parley$/m);
    for (const line of ['NoNewPrivileges=true', 'ProtectSystem=strict', 'UMask=0077'])
      assert.match(text, new RegExp(`^${line}$`, 'm'));
  });
}
