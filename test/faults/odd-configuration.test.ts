import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { serve } from '../../src/server/serve.ts';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest, type ServerRole } from '../support/lab-under-test.ts';
import { until } from '../support/until.ts';

type Tree = Record<string, unknown>;

/** Keys whose values are judged when the server starts, by what they name. */
const filesAndFolders = /(File|Files|Folder)$/;

let lab: LabUnderTest;
let folder: string;
let busy: Server;

before(async () => {
  lab = await LabUnderTest.start();
  folder = mkdtempSync(join(tmpdir(), 'parley-odd-'));
  writeFileSync(join(folder, 'garbage'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n\0\xff{');
  writeFileSync(join(folder, 'empty'), '');
  busy = await listening();
});
after(async () => {
  busy?.close();
  rmSync(folder, { recursive: true, force: true });
  await assertAtRest(lab);
  await lab?.stop();
});

async function listening(): Promise<Server> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listening));
  const ports = servers.map(portOf);
  await Promise.all(servers.map(server => once(server.close(), 'close')));
  return ports;
}

/** The configuration of a server of the lab, on ports and data of its own. */
async function goodConfiguration(role: ServerRole): Promise<Tree> {
  const from = join(lab.serverFolder('contoso', role), 'server.yaml');
  const tree = parse(readFileSync(from, 'utf8')) as Tree;
  const ports = [...(await freePorts(8))];
  for (const [parent, key] of leaves(tree)) {
    const value = parent[key];
    if (key === 'port') parent[key] = ports.pop();
    if (key === 'host') parent[key] = '127.0.0.1';
    if (filesAndFolders.test(key)) {
      parent[key] = Array.isArray(value)
        ? value.map(file => resolve(dirname(from), file))
        : resolve(dirname(from), String(value));
    }
  }
  return { ...tree, dataFolder: newFolder(), log: { level: 'silent' } };
}

function newFolder(): string {
  return mkdtempSync(join(folder, 'data-'));
}

/** Every value of the tree, with the map that holds it; lists are values. */
function leaves(tree: Tree, path = ''): readonly (readonly [parent: Tree, key: string, path: string])[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? leaves(value as Tree, `${path}${key}.`)
      : [[tree, key, `${path}${key}`] as const],
  );
}

/** What may stand there by mistake: it is read, and only starting shows that it is wrong. */
function mistakesFor(key: string): readonly unknown[] {
  const files = [join(folder, 'none', 'such'), folder, join(folder, 'empty'), join(folder, 'garbage'), '/dev/null'];
  if (key === 'dataFolder') return [join(folder, 'empty'), join(folder, 'empty', 'below'), '/proc/parley'];
  if (key.endsWith('Files')) return files.map(file => [file]);
  if (filesAndFolders.test(key)) return files;
  if (key === 'port') return [portOf(busy)];
  if (key === 'host') return ['192.0.2.1', '2001:db8::1'];
  if (key === 'name' || key === 'pool') return ['other.contoso.test'];
  return [];
}

/** How much this process holds open: ports, connections, threads. */
function heldOpen(): number {
  return process.getActiveResourcesInfo().filter(kind => /TCP|MessagePort|Worker|FSEvent/.test(kind)).length;
}

for (const role of ['frontend', 'edge'] as const) {
  test(`${role}: with a mistake anywhere in its configuration it says so, and nothing of it runs`, async () => {
    const good = await goodConfiguration(role);
    const file = join(folder, `${role}.yaml`);
    const idle = heldOpen();
    let seen = 0;
    for (const [parent, key, path] of leaves(good)) {
      const right = parent[key];
      for (const mistake of mistakesFor(key)) {
        parent[key] = mistake;
        // an Edge asks for its enrolment once
        if (key === 'enrolmentFile') good.dataFolder = newFolder();
        writeFileSync(file, stringify(good));
        const what = `${path}: ${JSON.stringify(mistake)}`;
        const started = await serve(file);
        if (started.ok) {
          await started.value.close();
          assert.fail(`it is served with ${what}`);
        }
        seen++;
        assert.match(started.error.text, /^[^{}\p{C}]{10,600}$/u, what);
        assert.notEqual(started.error.fix, '', what);
        await until(`nothing to be left of ${what}`, () => (heldOpen() <= idle ? true : undefined));
      }
      parent[key] = right;
    }
    assert.ok(seen > 20, `${seen} mistakes`);
    writeFileSync(file, stringify({ ...good, dataFolder: newFolder() }));
    const started = await serve(file);
    assert.ok(started.ok, started.ok ? '' : started.error.text);
    await started.value.close();
  });
}
