import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipMessage } from '../../src/sip/message.ts';
import { PlayEndpoint, type PlayRequest } from '../../src/testing/play-endpoint.ts';
import { MemoryStage } from '../../src/testing/play-memory-stage.ts';
import { playPassword } from '../../src/testing/play-stage.ts';

const alice = 'alice@contoso.test';
const senders = ['adam@contoso.test', 'bob@fabrikam.test'] as const;

/** How alice comes to be out of the sender's reach: signed in with the sender on her block list, or not signed in. */
type Reason = 'address blocked' | 'domain blocked' | 'offline';
const blocks = ['address blocked', 'domain blocked'] as const;

/** Alice and one who would like to know which it is. */
class Scene {
  readonly stage = new MemoryStage();
  readonly alice = this.#endpoint(alice);
  readonly sender: PlayEndpoint;

  constructor(sender: string) {
    this.sender = this.#endpoint(sender);
  }

  async signIn(endpoint: PlayEndpoint): Promise<void> {
    endpoint.use(await this.stage.connect(endpoint.address, endpoint));
    endpoint.register(600);
    assert.equal((await this.answerTo(endpoint)).status, 200);
  }

  /** Puts alice out of reach, now. */
  async hide(reason: Reason): Promise<void> {
    if (reason === 'offline') this.alice.disconnect();
    else {
      const { address } = this.sender;
      const entry = reason === 'address blocked' ? address : address.slice(address.indexOf('@') + 1);
      await this.stage.change({ kind: 'block-list', organisation: 'contoso', address: alice, entry, isBlocked: true });
    }
    await this.stage.settle();
  }

  async answerTo(endpoint: PlayEndpoint) {
    const answer = await this.stage.until(() => endpoint.answers.shift());
    assert.ok(answer, 'no answer came');
    return answer;
  }

  close(): void {
    this.alice.close();
    this.sender.close();
    this.stage.close();
  }

  #endpoint(address: string): PlayEndpoint {
    return new PlayEndpoint({ address, password: playPassword(address), clock: this.stage.clock });
  }
}

/** A message as it came, but for what is new in every transaction and dialog. */
function wireText(message: SipMessage): string {
  const head = message.head
    .replace(/@[0-9a-f]+\.play\.invalid/g, '@*')
    .replace(/<sip:([\w-]{60,})@/g, (_, token: string) => `<sip:${token.length} characters@`)
    .replace(/branch=[^;\r]+/g, 'branch=*')
    .replace(/tag=[^;\r]+/g, 'tag=*')
    .replace(/^(Call-ID: ).*$/gim, '$1*')
    .replace(/^(CSeq: )\d+/gim, '$1*');
  return `${head}\r\n${Buffer.from(message.body).toString('latin1')}`;
}

/** Everything that came to the sender since the last look. */
function takenBy({ answers, requests }: PlayEndpoint): readonly string[] {
  return [...answers.splice(0), ...requests.splice(0)].map(wireText);
}

/** What the sender sees of alice, who is out of reach for this reason before or after `begin`. */
async function seen(sender: string, reason: Reason, begin: (scene: Scene) => Promise<void>, ask: (scene: Scene) => void) {
  const scene = new Scene(sender);
  try {
    await scene.signIn(scene.alice);
    await scene.signIn(scene.sender);
    await begin(scene);
    takenBy(scene.sender);
    scene.alice.requests.splice(0);
    await scene.hide(reason);
    ask(scene);
    await scene.stage.settle();
    assert.equal(scene.alice.requests.length, 0, 'alice is not reached');
    return takenBy(scene.sender);
  } finally {
    scene.close();
  }
}

const nothing = async () => {};

const outsideDialogs: readonly PlayRequest[] = [
  { method: 'MESSAGE', to: alice, text: 'Are you there?' },
  { method: 'INVITE', to: alice },
  { method: 'OPTIONS', to: alice },
  { method: 'REFER', to: alice, headers: [['Refer-To', '<sip:beth@fabrikam.test>']] },
  { method: 'INFO', to: alice },
  { method: 'SUBSCRIBE', to: alice },
  { method: 'SUBSCRIBE', to: alice, headers: [['Expires', '0']] },
  { method: 'SUBSCRIBE', to: alice, headers: [['Event', 'dialog']] },
];

const insideDialog: readonly PlayRequest[] = [
  { method: 'MESSAGE', text: 'Still there?' },
  { method: 'INVITE' },
  { method: 'INFO' },
  { method: 'REFER', headers: [['Refer-To', '<sip:beth@fabrikam.test>']] },
  { method: 'BYE' },
];

/** Asserts that no reason shows; returns what is seen. */
async function sameForAll(
  sender: string,
  begin: (scene: Scene) => Promise<void>,
  ask: (scene: Scene) => void,
): Promise<readonly string[]> {
  const offline = await seen(sender, 'offline', begin, ask);
  assert.ok(offline.length > 0);
  for (const reason of blocks) assert.deepEqual(await seen(sender, reason, begin, ask), offline, reason);
  return offline;
}

for (const sender of senders) {
  for (const request of outsideDialogs) {
    test(`${sender} cannot tell with ${request.method} ${request.headers?.join(' ') ?? ''}`, async () => {
      await sameForAll(sender, nothing, scene => scene.sender.send(request));
    });
  }

  for (const request of insideDialog) {
    test(`${sender} cannot tell with ${request.method} in the middle of a call`, async () => {
      const call = async ({ stage, sender: caller, alice: callee }: Scene) => {
        caller.send({ method: 'INVITE', to: alice });
        assert.ok(await stage.until(() => callee.owesAnswer || undefined));
        callee.answer(200, []);
        assert.ok(await stage.until(() => caller.answers.find(({ status }) => status === 200)));
        caller.send({ method: 'ACK' });
        await stage.settle();
      };
      const [answer] = await sameForAll(sender, call, scene => scene.sender.send(request));
      assert.match(answer ?? '', /^SIP\/2\.0 481 /);
    });
  }

  test(`${sender} cannot tell who watches alice already, nor by asking again`, async () => {
    const watch = async ({ stage, sender: watcher }: Scene) => {
      watcher.send({ method: 'SUBSCRIBE', to: alice });
      assert.ok(await stage.until(() => watcher.requests.find(({ method }) => method === 'NOTIFY')));
    };
    const told = await sameForAll(sender, watch, () => {});
    assert.match(told.join(), /<basic>closed/);
    await sameForAll(sender, watch, scene => scene.sender.send({ method: 'SUBSCRIBE' }));
  });
}
