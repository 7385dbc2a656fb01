import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signIn } from '../attacks/attacker.ts';
import { BareClient, type BareServer } from '../torture/bare-client.ts';
import { DatagramBridge } from './datagram-bridge.ts';
import { sipviciousPrograms } from './foreign-program.ts';
import { frontEndOf, type LabFile, type Scene } from './interop.ts';
import { inNamespace } from './namespace.ts';
import { startPermissiveAnswerer } from './permissive-answerer.ts';

const exitMs = 25_000;
const alice = 'alice@contoso.test';
const software = 'OldPhone 1.2.3';
/** Some of them are users of contoso. */
const names = ['alice', 'nobody', 'adam', '100', '1000', 'root', 'eve'];
const known = ['alice', 'adam', 'eve'];
/** More than one source may give before it has to wait, but not so many that the pause would be over at the end of them. */
const wrong = Array.from({ length: 12 }, (_, i) => `guess-${i}`);
const methods = ['REGISTER', 'OPTIONS', 'INVITE'] as const;

await inNamespace(import.meta.filename, sipviciousPrograms, interop => {
  interop.test('sipvicious: svmap learns no name and no version of the software', async scene => {
    const bridge = await openBridge(scene, '127.0.0.40');
    const answerer = await startPermissiveAnswerer(software, known);
    try {
      const scans = methods.map(method => run(scene, 'svmap', bridge.port, '-m', method));
      const control = await run(scene, 'svmap', answerer.port);
      assert.match(control, new RegExp(software), 'it reads the name of a server that tells it');
      // there is somebody, and that is all
      const found = new RegExp(`127\\.0\\.0\\.1:${bridge.port} *\\| unknown `);
      for (const output of await Promise.all(scans)) assert.match(output, found);
      assert.equal(bridge.answers.length, methods.length);
      for (const answer of bridge.answers) assert.doesNotMatch(answer, /parley|^(server|user-agent|x-[^:]*):/im);
    } finally {
      answerer.close();
      await bridge.close();
    }
  });

  for (const [i, method] of methods.entries()) {
    interop.test(`sipvicious: svwar with ${method} cannot tell users from names that nobody has`, async scene => {
      const bridge = await openBridge(scene, `127.0.0.${50 + i}`);
      try {
        const war = (list: readonly string[], ...more: readonly string[]) =>
          run(scene, 'svwar', bridge.port, ...words(scene, list), '-m', method, '--domain', 'contoso.test', ...more);
        // it sees that asking is of no use; when forced it ends at the first answer that is as to an invented name: one run for each
        const [polite, ...forced] = await Promise.all([war(names), ...names.map(name => war([name], '--force'))]);
        assert.match(polite ?? '', /authentication request for an unknown extension/);
        for (const output of [polite ?? '', ...forced]) {
          assert.match(output, /found nothing/);
          assert.doesNotMatch(output, /reqauth|noauth|weird/);
        }
        assert.deepEqual(askedFor(bridge).toSorted(), names.toSorted());
        // nor could another program tell: it is one answer for all
        assert.equal(new Set(bridge.answers.map(shapeOf)).size, 1);
      } finally {
        await bridge.close();
      }
    });
  }

  interop.test('sipvicious: svwar finds the users of a server that tells who is unknown, so it does work', async scene => {
    const answerer = await startPermissiveAnswerer(software, known);
    try {
      const output = await run(scene, 'svwar', answerer.port, ...words(scene, names));
      for (const name of names) assert.equal(output.includes(`| ${name} `), known.includes(name), name);
    } finally {
      answerer.close();
    }
  });

  interop.test(
    'sipvicious: svcrack is stopped before the right password, which it finds among its first guesses',
    async scene => {
      const [stopped, lucky] = [await openBridge(scene, '127.0.0.60'), await openBridge(scene, '127.0.0.61')];
      try {
        const crack = (port: number, passwords: readonly string[]) =>
          run(scene, 'svcrack', port, '-u', 'alice', ...words(scene, passwords), '--domain', 'contoso.test');
        const [output, control] = await Promise.all([
          crack(stopped.port, [...wrong, 'pw-alice']),
          crack(lucky.port, [...wrong.slice(0, 3), 'pw-alice']),
        ]);
        assert.match(control, /The password for alice is pw-alice/);
        assert.match(output, /no more passwords[^]*found nothing/);
        assert.doesNotMatch(output, /pw-alice/);
        assert.ok(
          stopped.answers.some(answer => /^SIP\/2\.0 403 [^]*^Retry-After: \d+/m.test(answer)),
          'it was told to wait',
        );
        const owner = await BareClient.open({ ...serverOf(scene.lab), localAddress: '127.0.0.62' });
        await signIn(owner, alice).finally(() => owner.close());
      } finally {
        await Promise.all([stopped.close(), lucky.close()]);
      }
    },
  );
});

/** Runs one of the tools against a port of ours until it ends; what it printed. */
async function run(scene: Scene, program: string, port: number, ...args: readonly string[]): Promise<string> {
  const folder = scene.folder(program);
  const tool = scene.start({
    name: program,
    program,
    args: ['-v', '-x', '127.0.0.1', '-p', String(port), ...args, '127.0.0.1'],
    folder,
    env: { HOME: folder },
  });
  assert.equal(await tool.waitForExit(exitMs), 0, program);
  return tool.output;
}

/** The option for a dictionary. */
function words(scene: Scene, list: readonly string[]): readonly string[] {
  const file = join(scene.folder('words'), 'words.txt');
  writeFileSync(file, `${list.join('\n')}\n`);
  return ['-d', file];
}

function serverOf(lab: LabFile): BareServer {
  const { host, tlsPort, fqdn } = frontEndOf(lab, { address: alice });
  return { host, port: tlsPort, fqdn, ca: readFileSync(lab.ca, 'utf8') };
}

/** A bridge to the Front End of contoso, which sees it come from an address of its own. */
async function openBridge(scene: Scene, localAddress: string): Promise<DatagramBridge> {
  const bridge = await DatagramBridge.open({ ...serverOf(scene.lab), localAddress });
  scene.onFailure(`what the server answered ${localAddress}`, () => bridge.answers.join('\n'));
  return bridge;
}

/** The names of the list that were asked for, without those the tool invented. */
function askedFor(bridge: DatagramBridge): readonly string[] {
  const asked = bridge.requests
    .filter(text => !text.startsWith('ACK '))
    .map(text => /^To: .*<sip:([^@]*)@/m.exec(text)?.[1] ?? '');
  return [...new Set(asked.filter(name => names.includes(name)))];
}

/** An answer without what belongs to one request. */
function shapeOf(answer: string): string {
  return answer
    .split('\r\n')
    .map(line => (/^(via|from|to|call-id|cseq):/i.test(line) ? line.replace(/:.*/, '') : line))
    .join('\n')
    .replace(/nonce="[^"]*"/g, found => `nonce of ${found.length}`);
}
