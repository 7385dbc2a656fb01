import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePlay } from './play-parser.ts';
import { fitsPattern } from './play-step.ts';

const signedIn = ['# A title', 'alice@contoso.test signs in as alice', 'adam@contoso.test signs in as adam'];
const none = { with: [], without: [] };

/** The action of a line after both have signed in. */
function actionOf(...lines: readonly string[]) {
  return parsePlay('a.play', [...signedIn, ...lines].join('\n')).steps.at(-1)?.action;
}

const actions: readonly (readonly [lines: readonly string[], action: object])[] = [
  [['bob@b.test signs in as bob for 900 seconds'], { kind: 'sign-in', address: 'bob@b.test', endpoint: 'bob', seconds: 900 }],
  [
    ['When alice@contoso.test tries to sign in as phone with password "x y"'],
    { kind: 'try-sign-in', address: 'alice@contoso.test', endpoint: 'phone', password: 'x y' },
  ],
  [['alice signs out'], { kind: 'sign-out', endpoint: 'alice' }],
  [['alice disconnects'], { kind: 'disconnect', endpoint: 'alice' }],
  [['Then alice is disconnected'], { kind: 'expect-closed', endpoint: 'alice' }],
  [
    ['alice sends MESSAGE to adam: "a "quoted" with X: y"'],
    { kind: 'send', endpoint: 'alice', method: 'MESSAGE', to: 'adam@contoso.test', text: 'a "quoted" with X: y', headers: none },
  ],
  [['alice sends BYE'], { kind: 'send', endpoint: 'alice', method: 'BYE', to: undefined, text: undefined, headers: none }],
  [
    ['adam receives MESSAGE from *@contoso.test: "*"', '  with Subject: a: b', '  without Route'],
    {
      kind: 'receive',
      endpoint: 'adam',
      method: 'MESSAGE',
      from: '*@contoso.test',
      text: '*',
      headers: { with: [['Subject', 'a: b']], without: ['Route'] },
    },
  ],
  [['adam receives nothing'], { kind: 'receive-nothing', endpoint: 'adam' }],
  [['adam answers 486'], { kind: 'answer', endpoint: 'adam', status: 486, headers: none }],
  [
    ['alice gets 403 with ms-diagnostics: 1005;*'],
    { kind: 'get', endpoint: 'alice', status: 403, headers: { with: [['ms-diagnostics', '1005;*']], without: [] } },
  ],
  [
    ['contoso blocks b.test'],
    { kind: 'change', change: { kind: 'domain', organisation: 'contoso', domain: 'b.test', list: 'Blocked' } },
  ],
  [
    ['contoso revokes the policy of alice'],
    { kind: 'change', change: { kind: 'policy', organisation: 'contoso', address: 'alice@contoso.test', granted: false } },
  ],
  [
    ['fabrikam resumes bob@fabrikam.test'],
    { kind: 'change', change: { kind: 'user', organisation: 'fabrikam', address: 'bob@fabrikam.test', enabled: true } },
  ],
  [
    ['When alice puts adam on her block list'],
    {
      kind: 'change',
      change: {
        kind: 'block-list',
        organisation: 'contoso',
        address: 'alice@contoso.test',
        entry: 'adam@contoso.test',
        isBlocked: true,
      },
    },
  ],
  [
    ['bob@fabrikam.test takes contoso.test off his block list'],
    {
      kind: 'change',
      change: {
        kind: 'block-list',
        organisation: 'fabrikam',
        address: 'bob@fabrikam.test',
        entry: 'contoso.test',
        isBlocked: false,
      },
    },
  ],
  [['[virtual clock]', 'after 601 seconds'], { kind: 'pass-time', seconds: 601 }],
];

for (const [lines, action] of actions) {
  test(`reads: ${lines.join(' / ')}`, () => assert.deepEqual(actionOf(...lines), action));
}

const mistakes: readonly (readonly [lines: readonly string[], error: string])[] = [
  [['alice whispers to adam'], 'a.play:4: not understood: alice whispers to adam'],
  [['bob sends BYE'], 'a.play:4: nobody has signed in as bob'],
  [['alice sends MESSAGE to bob: "x"'], 'a.play:4: bob is neither an address nor an endpoint of this play'],
  [['alice sends SHOUT to adam'], 'a.play:4: SHOUT is no method of SIP'],
  [['adam@contoso.test signs in as alice'], 'a.play:4: alice is the name of an endpoint of alice@contoso.test'],
  [['northwind blocks b.test'], 'a.play:4: northwind is none of contoso, fabrikam'],
  [['alice puts bob on her block list'], 'a.play:4: bob is neither an address nor an endpoint of this play'],
  [['after 1 seconds'], 'a.play:4: time passes only below a line [virtual clock]'],
  [['alice signs out', '  with Reason: x'], 'a.play:4: this step has no message that could have headers'],
  [['alice gets 200', '  with Reason'], 'a.play:5: expected "with Header: value" or "without Header"'],
  [
    ['  alice gets 200'],
    'a.play:4: a line that is set in has to begin with "with" or "without" and follow a step with a message',
  ],
];

for (const [lines, error] of mistakes) {
  test(`refuses: ${lines.join(' / ')}`, () => assert.throws(() => actionOf(...lines), { name: 'PlayError', message: error }));
}

test('a play has a title and a step', () => {
  assert.throws(() => parsePlay('a.play', 'alice gets 200'), /a\.play:1: a play begins with its title/);
  assert.throws(() => parsePlay('a.play', '# Only a title'), /a\.play:1: a play needs a title and a step/);
});

test('steps know their place, and whether they need the virtual clock', () => {
  const play = parsePlay(
    'a.play',
    [...signedIn, '', '# a remark', 'alice signs out', '[virtual clock]', 'adam signs out'].join('\r\n'),
  );
  assert.equal(play.title, 'A title');
  assert.deepEqual(
    play.steps.map(({ line, source, needsVirtualClock }) => [line, source, needsVirtualClock]),
    [
      [2, signedIn[1], false],
      [3, signedIn[2], false],
      [6, 'alice signs out', false],
      [8, 'adam signs out', true],
    ],
  );
});

test('in a pattern only * is special', () => {
  assert.ok(fitsPattern('a.b*(c)', 'a.b, whatever (c)'));
  assert.ok(fitsPattern('*', ''));
  assert.ok(!fitsPattern('a.b', 'axb'));
  assert.ok(!fitsPattern('b*', 'ab'));
});
