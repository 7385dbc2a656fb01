import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomToken } from '../../src/base/random.ts';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { type BareClient, type BareMessage, bareResponse, headerOf } from '../torture/bare-client.ts';
import { credentialsFor, exchange, openClient, registration, signIn, statusOf, valuesOf, verdictOf } from './attacker.ts';

const alice = 'alice@contoso.test';
const adam = 'adam@contoso.test';
const unknown = 'nobody@contoso.test';
const suspended = 'sue@contoso.test';
const olga = 'olga@contoso.test';
/** More than one source may give for one account before it has to wait. */
const wrongGuesses = Array.from({ length: 8 }, (_, i) => `guess-${i}`);
/** The sixth wrong one begins a pause. */
const toWrongGuesses = [401, 401, 401, 401, 401, 401, 403, 403];

let lab: LabUnderTest;
const opened: BareClient[] = [];

before(async () => {
  lab = await LabUnderTest.start();
  const users = [
    { identity: suspended, displayName: 'Sue', password: 'pw-sue' },
    { identity: olga, displayName: 'Olga', password: 'pw-olga' },
  ];
  await lab.run('contoso', 'Enable-CsUser', { users, externalAccessPolicy: 'BasicAccess' });
  await lab.run('contoso', 'Set-CsUser', { identity: suspended, enabled: false });
});
after(async () => {
  for (const client of opened) client.close();
  await assertAtRest(lab);
  await lab?.stop();
});

async function connect(localAddress?: string): Promise<BareClient> {
  const client = await openClient(lab, 'contoso', localAddress);
  client.answer = request => bareResponse(request, 200, 'OK');
  opened.push(client);
  return client;
}

/** Tries passwords, all at once; the answers to them, in order. */
async function guess(client: BareClient, address: string, passwords: readonly string[]): Promise<readonly BareMessage[]> {
  const challenged = await exchange(client, registration(address, randomToken(8), 1));
  const guesses = passwords.map(password =>
    registration(address, randomToken(8), 1, credentialsFor(challenged, address, password)),
  );
  return Promise.all(guesses.map(each => exchange(client, each)));
}

function statusesOf(answers: readonly BareMessage[]): readonly number[] {
  return answers.map(statusOf);
}

function nonceOf(challenged: BareMessage): string {
  const header = headerOf(challenged, 'WWW-Authenticate') ?? headerOf(challenged, 'Proxy-Authenticate');
  return /nonce="([^"]+)"/.exec(header ?? '')?.[1] ?? '';
}

test('credentials that were used once are not good again, there or elsewhere', async () => {
  const client = await connect();
  const used = await signIn(client, alice);
  const lines = ['Contact: *', 'Expires: 0'];
  assert.equal(statusOf(await exchange(client, { ...registration(alice, randomToken(8), 1), lines })), 200, 'signed out');
  const other = await connect();
  const elsewhere = await connect('127.0.0.77');
  for (const [name, flow] of [
    ['on the same connection', client],
    ['on another connection', other],
    ['from another address', elsewhere],
  ] as const) {
    const answer = await exchange(flow, registration(alice, randomToken(8), 1, used));
    assert.equal(statusOf(answer), 401, name);
    assert.ok(!used.includes(nonceOf(answer)), `${name}: asked with a nonce of its own`);
    // what was made for REGISTER is not good for another method either
    const message = { from: alice, to: adam, lines: [`Proxy-Authorization: ${used}`] };
    assert.equal(statusOf(await exchange(flow, message)), 407, name);
    assert.equal(statusOf(await exchange(flow, { from: alice, to: adam })), 407, `${name}: not signed in by it`);
  }
});

test('a challenge belongs to the connection that was asked', async () => {
  const [asked, answering] = [await connect(), await connect()];
  const challenged = await exchange(asked, registration(alice, randomToken(8), 1));
  const credentials = credentialsFor(challenged, alice, 'pw-alice');
  assert.equal(statusOf(await exchange(answering, registration(alice, randomToken(8), 1, credentials))), 401);
  assert.equal(statusOf(await exchange(asked, registration(alice, randomToken(8), 2, credentials))), 200);
});

test('right credentials of one user are not good for another', async () => {
  const client = await connect('127.0.0.78');
  const challenged = await exchange(client, registration(alice, randomToken(8), 1));
  const credentials = credentialsFor(challenged, alice, 'pw-alice');
  assert.equal(statusOf(await exchange(client, registration(adam, randomToken(8), 2, credentials))), 401);
  await signIn(client, alice);
  // for somebody else's address, and for one's own with somebody else's in To
  assert.equal(verdictOf(await exchange(client, { ...registration(alice, randomToken(8), 3), to: adam })), '403 4004');
  assert.equal(statusOf(await exchange(client, registration(adam, randomToken(8), 3))), 401);
  assert.equal(verdictOf(await exchange(client, { from: adam, to: alice })), '403 4004');
});

/** An answer without what belongs to one request: all that could tell one account from another. */
function shapeOf(answer: BareMessage): string {
  const echoed = /^(via|from|to|call-id|cseq)$/i;
  const lines = answer.headers.map(([name, value]) =>
    echoed.test(name) ? name : `${name}: ${value.replace(/nonce="[^"]*"/, match => `nonce of ${match.length}`)}`,
  );
  return [answer.startLine, ...lines, answer.body].join('\n');
}

test('an unknown user, a suspended one and a wrong password are answered alike, guess for guess', async () => {
  const accounts = [alice, unknown, suspended];
  const shapes = new Map<string, string[]>();
  for (const [i, address] of accounts.entries()) {
    const seen: string[] = [];
    const client = await connect(`127.0.0.${80 + i}`);
    for (const method of ['MESSAGE', 'OPTIONS', 'INVITE', 'SUBSCRIBE']) {
      seen.push(shapeOf(await exchange(client, { method, from: address, to: adam })).replaceAll(address, 'X'));
      // nor does anybody learn who is there by writing to them
      seen.push(shapeOf(await exchange(client, { method, from: adam, to: address })).replaceAll(address, 'X'));
    }
    seen.push(shapeOf(await exchange(client, registration(address, randomToken(8), 1))));
    seen.push(...(await guess(client, address, wrongGuesses)).map(shapeOf));
    shapes.set(address, seen);
  }
  const known = shapes.get(alice) ?? [];
  assert.ok(known.some(shape => shape.startsWith('SIP/2.0 401')));
  assert.match(known.at(-1) ?? '', /^SIP\/2.0 403 [^]*\nRetry-After: \d+/);
  assert.deepEqual(shapes.get(unknown), known);
  assert.deepEqual(shapes.get(suspended), known);
});

test('guessing is slowed down, and the owner goes on', async () => {
  const owner = await connect('127.0.0.90');
  await signIn(owner, adam);
  const guesser = await connect('127.0.0.91');
  const answers = await guess(guesser, adam, [...wrongGuesses, 'pw-adam']);
  assert.deepEqual(statusesOf(answers), [...toWrongGuesses, 403], 'not even the right one is tried in the pause');
  assert.match(valuesOf(answers.at(-1) as BareMessage, 'Retry-After').join(), /^[1-9]\d*$/);
  assert.equal(statusOf(await exchange(owner, { from: adam, to: adam, body: 'still here' })), 200, 'who is signed in');
  assert.equal(statusOf(await exchange(owner, registration(adam, randomToken(8), 1))), 200, 'a refresh');
  assert.deepEqual(
    statusesOf(await guess(await connect('127.0.0.90'), adam, ['pw-adam'])),
    [200],
    'a new sign-in from elsewhere',
  );
});

test('guesses from many addresses slow newcomers down, not the owner where the owner signs in', async () => {
  const home = '127.0.0.92';
  await signIn(await connect(home), olga);
  for (let i = 0; i < 25; i++) {
    const guesser = await connect(`127.0.1.${i}`);
    // the last of them meet the limit of the account already
    for (const answer of await guess(guesser, olga, wrongGuesses.slice(0, 5))) assert.ok([401, 403].includes(statusOf(answer)));
    guesser.close();
  }
  const [newcomer] = await guess(await connect('127.0.0.93'), olga, ['pw-olga']);
  assert.equal(statusOf(newcomer as BareMessage), 403, 'from a new address, in a pause');
  const pause = Number(valuesOf(newcomer as BareMessage, 'Retry-After')[0]);
  assert.ok(pause >= 1 && pause <= 30, `a short one: ${pause}`);
  assert.deepEqual(statusesOf(await guess(await connect(home), olga, ['pw-olga'])), [200]);
});

test('who is suspended learns it by the right password alone', async () => {
  const client = await connect('127.0.0.95');
  const [answer] = await guess(client, suspended, ['pw-sue']);
  assert.equal(statusOf(answer as BareMessage), 403);
  assert.deepEqual(valuesOf(answer as BareMessage, 'Retry-After'), []);
  assert.equal(statusOf(await exchange(client, { from: suspended, to: adam })), 407, 'nobody is signed in by it');
});

test('nothing of it was a fault of the server', () => {
  assert.doesNotMatch(lab.log('contoso', 'frontend'), /"event":"fault/);
});
