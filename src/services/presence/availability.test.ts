import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PidfDocument, parsePidf, renderPidf } from '../../body/pidf.ts';
import { aggregateStates, equalStates, type PublishedState } from './aggregate.ts';
import { availability, classOfAvailability, type PresenceState, pidfOfState, stateOfPidf } from './availability.ts';

const classes: readonly (readonly [number, string])[] = [
  [0, 'offline'],
  [2999, 'offline'],
  [3000, 'online'],
  [3500, 'online'],
  [4500, 'idle'],
  [6000, 'busy'],
  [7500, 'busyIdle'],
  [9000, 'doNotDisturb'],
  [11999, 'doNotDisturb'],
  [12000, 'beRightBack'],
  [15000, 'away'],
  [17999, 'away'],
  [18000, 'offline'],
  [18500, 'offline'],
];
for (const [number, of] of classes) test(`availability ${number} is ${of}`, () => assert.equal(classOfAvailability(number), of));

function pidf(activities: readonly (readonly [string, string?])[], extra: Partial<PidfDocument> = {}): PidfDocument {
  return {
    entity: 'sip:a@b.test',
    tuples: [{ id: '1', basic: 'open', notes: [] }],
    activities: activities.map(([name, text]) => (text === undefined ? { name } : { name, text })),
    personNotes: [],
    notes: [],
    ...extra,
  };
}
const idle = { userInput: { idle: true } };
const closed = { tuples: [{ id: '1', basic: 'closed' as const, notes: [] }] };

const documents: readonly (readonly [what: string, document: PidfDocument, number: number, activity?: string])[] = [
  ['open', pidf([]), availability.online],
  ['closed', pidf([], closed), availability.offline],
  ['closed with an activity', pidf([['vacation']], closed), availability.offline, 'vacation'],
  ['one tuple of two is open', pidf([], { tuples: [...closed.tuples, ...pidf([]).tuples] }), availability.online],
  ['no tuple at all', pidf([['busy']], { tuples: [] }), availability.busy, 'busy'],
  ['on the phone', pidf([['on-the-phone']]), availability.busy, 'on-the-phone'],
  ['working', pidf([['working']]), availability.online, 'working'],
  ['away', pidf([['away']]), availability.away, 'away'],
  ['away and on the phone', pidf([['on-the-phone'], ['away']]), availability.away, 'away'],
  ['do not disturb', pidf([['busy'], ['other', 'do-not-disturb']]), availability.doNotDisturb, 'do-not-disturb'],
  ['do not disturb, in words', pidf([['other', 'Do not  disturb']]), availability.doNotDisturb, 'do-not-disturb'],
  ['be right back beside away', pidf([['away'], ['other', 'be-right-back']]), availability.beRightBack, 'be-right-back'],
  ['a word of the client', pidf([['other', 'gardening']]), availability.online, 'gardening'],
  ['idle', pidf([], idle), availability.idle],
  ['busy and idle', pidf([['meeting']], idle), availability.busyIdle, 'meeting'],
  ['away and idle', pidf([['away']], idle), availability.away, 'away'],
];
for (const [what, document, number, activity] of documents) {
  test(`document: ${what}`, () => {
    const state = stateOfPidf(document);
    assert.deepEqual([state.availability, state.activity], [number, activity]);
  });
}

test('the note of the person comes before others', () => {
  const tuples = [{ id: '1', basic: 'open' as const, notes: [{ text: 'tuple' }] }];
  assert.equal(stateOfPidf(pidf([], { tuples })).note?.text, 'tuple');
  assert.equal(stateOfPidf(pidf([], { tuples, notes: [{ text: 'all' }] })).note?.text, 'all');
  assert.equal(stateOfPidf(pidf([], { tuples, notes: [{ text: 'all' }], personNotes: [{ text: 'me' }] })).note?.text, 'me');
});

for (const [of, number] of Object.entries(availability)) {
  test(`${of} survives its document`, () => {
    const parsed = parsePidf(renderPidf(pidfOfState('sip:a@b.test', { availability: number }, 0)));
    assert.ok(parsed.ok);
    assert.equal(stateOfPidf(parsed.value).availability, number);
    assert.equal(parsed.value.tuples[0]?.basic, of === 'offline' ? 'closed' : 'open');
  });
}

test('a watcher who does not know the word still sees busy', () => {
  const names = (state: PresenceState): string[] => pidfOfState('e', state).activities.map(a => a.text ?? a.name);
  assert.deepEqual(names({ availability: 9500 }), ['do-not-disturb', 'busy']);
  assert.deepEqual(names({ availability: 6500, activity: 'gardening' }), ['gardening', 'busy']);
  assert.deepEqual(names({ availability: 6500, activity: 'meeting' }), ['meeting']);
  assert.deepEqual(names({ availability: 15500, activity: 'meeting' }), ['meeting', 'away']);
});

const state = (number: number, extra: Partial<PresenceState> = {}): PresenceState => ({ availability: number, ...extra });
const aggregates: readonly (readonly [
  what: string,
  states: readonly PresenceState[],
  endpoints: number,
  expected: PresenceState,
])[] = [
  ['nobody', [], 0, state(18500)],
  ['an endpoint that said nothing', [], 1, state(3500)],
  [
    'a publication without an endpoint',
    [state(3500, { activity: 'working', note: { text: 'n' } })],
    0,
    state(18500, { note: { text: 'n' } }),
  ],
  ['one', [state(6500, { activity: 'meeting', device: 'd' })], 1, state(6500, { activity: 'meeting', device: 'd' })],
  ['busy beside online', [state(3500), state(6500, { activity: 'busy' })], 2, state(6500, { activity: 'busy' })],
  ['online beside away', [state(15500, { activity: 'away' }), state(3500)], 2, state(3500)],
  ['away beside one that said nothing', [state(15500)], 2, state(15500)],
  ['do not disturb wins', [state(3500), state(9500), state(15500)], 3, state(9500)],
  ['be right back before away', [state(15500), state(12500)], 2, state(12500)],
  ['closed beside online', [state(18500), state(3500)], 2, state(3500)],
  ['all closed', [state(18500), state(18500)], 2, state(18500)],
  ['idle beside in use', [state(5000), state(3500)], 2, state(3500)],
  [
    'busy but idle there, in use elsewhere',
    [state(7500, { activity: 'meeting' }), state(3500)],
    2,
    state(6500, { activity: 'meeting' }),
  ],
  ['idle everywhere, one busy', [state(5000), state(7500)], 2, state(7500)],
  [
    'last active of all, when idle',
    [state(5000, { lastActiveMs: 1 }), state(5000, { lastActiveMs: 3 })],
    2,
    state(5000, { lastActiveMs: 3 }),
  ],
  ['last active is not said of who is there', [state(3500, { lastActiveMs: 1 })], 1, state(3500)],
  [
    'the newest note',
    [state(3500, { note: { text: 'old' } }), state(15500, { note: { text: 'new' } }), state(3500)],
    3,
    state(3500, { note: { text: 'new' } }),
  ],
];
for (const [what, states, endpoints, expected] of aggregates) {
  test(`aggregate: ${what}, in any order`, () => {
    const published: PublishedState[] = states.map((of, i) => ({ etag: `e${i}`, publishedAtMs: i, state: of }));
    for (const order of [published, [...published].reverse()]) {
      assert.deepEqual(aggregateStates(order, endpoints), expected);
      assert.ok(equalStates(aggregateStates(order, endpoints), expected));
    }
  });
}

test('of equal ones the newer speaks, of equally old ones the same', () => {
  const one = { etag: 'a', publishedAtMs: 1, state: state(6500, { activity: 'meeting' }) };
  const two = { etag: 'b', publishedAtMs: 1, state: state(6500, { activity: 'on-the-phone' }) };
  assert.equal(aggregateStates([two, one], 2).activity, 'meeting');
  assert.equal(aggregateStates([one, { ...two, publishedAtMs: 2 }], 2).activity, 'on-the-phone');
});
