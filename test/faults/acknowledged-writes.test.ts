import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { assertAtRest } from '../support/at-rest.ts';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { killAtOnce } from '../support/process-end.ts';
import { seededRandom } from '../support/seeded-random.ts';

const writes = 1_000;
const kills = 6;
const writers = 32;
const domainsPerWriter = 4;
/** About as long as a write takes. */
const longestDelayMs = 200;
const seed = Number(process.env.PARLEY_SEED ?? 20_260_401);

/** The comment of an allowed domain; undefined where there is no such entry. */
type Entry = string | undefined;

/** What one writer did to its own domains: nobody else touches them. */
interface Writer {
  readonly domains: readonly string[];
  /** As acknowledged. */
  readonly acknowledged: Map<string, Entry>;
  /** The write that was not answered: it may have happened or not. */
  inDoubt: { readonly domain: string; readonly entry: Entry } | undefined;
}

let lab: LabUnderTest;

before(async () => {
  lab = await LabUnderTest.start();
});
after(async () => {
  await assertAtRest(lab);
  await lab?.stop();
});

test(`a Front End killed ${kills} times in ${writes} writes has lost none that it answered (seed ${seed})`, async () => {
  const random = seededRandom(seed);
  const team = Array.from({ length: writers }, (_, i) => newWriter(i));
  const revisions = new Set<number>();
  let pid = lab.organisation('contoso').pids.frontEnd[0] as number;
  let done = 0;
  let lost = 0;
  for (let round = 1; round <= kills + 1; round++) {
    const last = round === kills + 1;
    // anywhere in the round's share, and in what the server does with a write
    const share = Math.floor((writes * round) / (kills + 1));
    const killAt = last ? Number.POSITIVE_INFINITY : share - Math.floor(random() * (writes / (kills + 1)) * 0.8);
    const kill = async (afterMs: number) => {
      await delay(afterMs);
      await killAtOnce(pid);
    };
    let killed: Promise<void> | undefined;
    let gone = false;
    await Promise.all(
      team.map(async writer => {
        while (!gone && done < writes) {
          done++;
          const revision = await write(writer, random);
          if (revision === undefined) {
            assert.ok(killed, 'a write fails only because the server was killed');
            gone = true;
            lost++;
            return;
          }
          assert.ok(!revisions.has(revision), `revision ${revision} was given to two writes`);
          revisions.add(revision);
          if (revisions.size + lost >= killAt) killed ??= kill(random() * longestDelayMs);
        }
      }),
    );
    await killed;
    if (!last) pid = (await lab.startAgain('contoso', 'frontend')).pid;
    await compare(team);
  }
  assert.equal(revisions.size + lost, writes);
  // each kill met writes that were under way
  assert.ok(lost >= kills, `only ${lost} writes were under way`);
  assert.ok(revisions.size > writes / 2);
});

function newWriter(i: number): Writer {
  const domains = Array.from({ length: domainsPerWriter }, (_, k) => `w${i}-${k}.example`);
  return { domains, acknowledged: new Map(), inDoubt: undefined };
}

/** Makes, changes or removes an entry; the revision, or undefined where no answer came. */
async function write(writer: Writer, random: () => number): Promise<number | undefined> {
  const domain = writer.domains[Math.floor(random() * domainsPerWriter)] as string;
  const isThere = writer.acknowledged.get(domain) !== undefined;
  const remove = isThere && random() < 0.3;
  const entry = remove ? undefined : `note ${Math.floor(random() * 1e9)}`;
  writer.inDoubt = { domain, entry };
  const answer = await lab
    .client('contoso')
    .run(
      remove
        ? { command: 'Remove-CsAllowedDomain', parameters: { identity: domain } }
        : { command: isThere ? 'Set-CsAllowedDomain' : 'New-CsAllowedDomain', parameters: { identity: domain, comment: entry } },
    );
  if (!answer.ok) {
    assert.equal(answer.error.code, 'LAB_API_UNREACHABLE', answer.error.text);
    return undefined;
  }
  writer.acknowledged.set(domain, entry);
  writer.inDoubt = undefined;
  return answer.value.revision as number;
}

/** Every acknowledged write is there; one in doubt is there as a whole or not at all, and from now on it is known which. */
async function compare(team: readonly Writer[]): Promise<void> {
  const { objects } = await lab.run('contoso', 'Get-CsAllowedDomain');
  const found = new Map(objects.map(({ identity, comment }) => [identity, String(comment)]));
  for (const writer of team) {
    for (const domain of writer.domains) {
      const { inDoubt } = writer;
      const entry = found.get(domain);
      if (inDoubt?.domain === domain && entry === inDoubt.entry) writer.acknowledged.set(domain, entry);
      assert.equal(entry, writer.acknowledged.get(domain), domain);
    }
    writer.inDoubt = undefined;
  }
}
