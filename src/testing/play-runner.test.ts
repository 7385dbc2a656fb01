import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStage } from './play-memory-stage.ts';
import { parsePlay } from './play-parser.ts';
import { runPlay } from './play-runner.ts';
import type { PlayStage } from './play-stage.ts';

const start = [
  '# A title',
  'alice@contoso.test signs in as alice',
  'adam@contoso.test signs in as adam',
  'alice sends MESSAGE to adam: "hello"',
];

async function perform(lines: readonly string[]): Promise<void> {
  const stage = new MemoryStage();
  try {
    await runPlay(parsePlay('a.play', [...start, ...lines].join('\n')), stage);
  } finally {
    stage.close();
  }
}

test('a play that tells what happens passes', () =>
  perform(['adam receives MESSAGE from alice@contoso.test: "hello"', 'adam answers 200', 'alice gets 200']));

/** Plays that tell something else than what happens: where and how they fail. */
const untrue: readonly (readonly [what: string, lines: readonly string[], error: RegExp])[] = [
  ['another text', ['adam receives MESSAGE: "bye"'], /^a\.play:5: adam receives MESSAGE: "bye"\n  what came is another/],
  ['another sender', ['adam receives MESSAGE from bob@fabrikam.test'], /^a\.play:5: .*\n  what came is another/],
  [
    'another method',
    ['adam receives INVITE'],
    /^a\.play:5: .*\n  what came is another, with the text "hello":\n {4}MESSAGE sip:/,
  ],
  ['nothing where something comes', ['adam receives nothing'], /^a\.play:5: .*\n  something came:\n {4}MESSAGE sip:/],
  ['something where nothing comes', ['alice receives MESSAGE'], /^a\.play:5: .*\n  nothing came/],
  ['an answer before it is given', ['alice gets 200'], /^a\.play:5: .*\n  no answer came/],
  ['another status', ['adam answers 486', 'alice gets 200'], /^a\.play:6: .*\n  the answer is another:\n {4}SIP\/2\.0 486 /],
  [
    'another header',
    ['adam receives MESSAGE', '  with P-Asserted-Identity: *bob*'],
    /^a\.play:5: .*\n  P-Asserted-Identity is <sip:alice/,
  ],
  ['a header that is not there', ['adam receives MESSAGE', '  with Subject: *'], /\n  Subject is absent, not \*$/],
  ['a header too many', ['adam receives MESSAGE', '  without Via'], /\n  Via is there: SIP\/2\.0\/TLS /],
  ['an answer to nothing', ['alice answers 200'], /^a\.play:5: .*\n  there is nothing to answer/],
  ['a dialog that is not there', ['alice sends BYE'], /^a\.play:5: .*\n  there is no dialog/],
  ['a disconnection', ['alice is disconnected'], /^a\.play:5: .*\n  it is still connected/],
  [
    'not everything that comes',
    ['adam answers 200', 'alice gets 200'],
    /^a\.play:6: at the end of the play adam has something it does not tell of:/,
  ],
];

for (const [what, lines, error] of untrue) {
  test(`a play fails that tells of ${what}`, () =>
    assert.rejects(perform(lines), (fault: Error) => fault.name === 'PlayError' && error.test(fault.message)));
}

test('without a virtual clock a play ends where it needs one', async t => {
  const stage = new MemoryStage();
  t.after(() => stage.close());
  const real: PlayStage = {
    clock: stage.clock,
    connect: (address, handler) => stage.connect(address, handler),
    change: change => stage.change(change),
    until: look => stage.until(look),
    settle: () => stage.settle(),
  };
  const before = stage.clock.monotonic();
  const told = ['adam receives MESSAGE', 'adam answers 200', 'alice gets 200', '[virtual clock]', 'after 60 seconds'];
  await runPlay(parsePlay('a.play', [...start, ...told, 'alice gets 500'].join('\n')), real);
  assert.equal(stage.clock.monotonic(), before);
});

test('what a play changed is changed back, also when it fails', async t => {
  const stage = new MemoryStage();
  t.after(() => stage.close());
  const blocked = parsePlay('a.play', [...start, 'contoso blocks fabrikam.test', 'alice gets 500'].join('\n'));
  await assert.rejects(runPlay(blocked, stage), /a\.play:6/);
  const across = [
    '# Again',
    'alice@contoso.test signs in as alice',
    'alice sends MESSAGE to bob@fabrikam.test: "x"',
    'alice gets 480',
  ];
  await runPlay(parsePlay('b.play', across.join('\n')), stage);
});
