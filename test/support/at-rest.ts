import assert from 'node:assert/strict';
import type { LabUnderTest, OrganisationName, ServerRole } from './lab-under-test.ts';
import { until } from './until.ts';

/** Connections stay: those between the servers themselves. */
const always = /limit="(replication_)?connections"/;
/** Transactions are remembered for 32 seconds after the answer of a call, with its bytes, and the lab itself has made some. */
const remembered = /limit="\w+_(?:transactions|request_bytes)"/;
const restMs = 45_000;

/** What has to be at rest: all that is under way, or also what is only remembered, which takes half a minute. */
export type Rest = 'all that is under way' | 'what is remembered too';

/** The metrics of a server of the lab by name and labels; undefined where it does not answer: a test may have ended it. */
export async function readLabMetrics(
  lab: LabUnderTest,
  name: OrganisationName,
  role: ServerRole,
): Promise<ReadonlyMap<string, number> | undefined> {
  const { api, edge } = lab.organisation(name);
  const url = role === 'edge' ? edge.metricsUrl : `${api.url}/metrics`;
  try {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${api.token}` } });
    assert.equal(answer.status, 200, url);
    const lines = (await answer.text()).split('\n').filter(line => line !== '' && !line.startsWith('#'));
    return new Map(lines.map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
  } catch (cause) {
    if (cause instanceof TypeError) return undefined;
    throw cause;
  }
}

/** How much is taken of one of the limits that many share. */
export function takenOf(lab: LabUnderTest, name: OrganisationName, role: ServerRole, limit: string): Promise<number> {
  return sumOf(lab, name, role, `parley_limit_taken{limit="${limit}"`);
}

/** How much there is of it. */
export function sizeOf(lab: LabUnderTest, name: OrganisationName, role: ServerRole, limit: string): Promise<number> {
  return sumOf(lab, name, role, `parley_limit_size{limit="${limit}"`);
}

/** What the processes of a server have together. */
async function sumOf(lab: LabUnderTest, name: OrganisationName, role: ServerRole, limit: string): Promise<number> {
  const metrics = await readLabMetrics(lab, name, role);
  const found = [...(metrics ?? [])].filter(([key]) => key.startsWith(limit));
  assert.ok(found.length > 0, `there is no limit ${limit}`);
  return found.reduce((sum, [, value]) => sum + value, 0);
}

/** Every counter of the servers that still answer comes back to zero once nobody does anything any more. */
export async function assertAtRest(lab: LabUnderTest | undefined, rest: Rest = 'all that is under way'): Promise<void> {
  if (!lab) return;
  for (const { name } of lab.file.orgs) {
    for (const role of ['frontend', 'edge'] as const) {
      let busy: readonly string[] = [];
      await until(
        `rest of the ${role} of ${name}`,
        async () => {
          busy = await stillTaken(lab, name, role, rest);
          return busy.length === 0 || undefined;
        },
        restMs,
      ).catch(() => assert.fail(`not at rest, ${role} of ${name}: ${busy.join('; ')}`));
    }
  }
}

async function stillTaken(lab: LabUnderTest, name: OrganisationName, role: ServerRole, rest: Rest): Promise<readonly string[]> {
  const metrics = (await readLabMetrics(lab, name, role)) ?? new Map<string, number>();
  const counts = [...metrics].filter(([key]) => /^parley_(limit_taken|connections_unauthenticated)\{/.test(key));
  const stays = (key: string) => always.test(key) || (rest === 'all that is under way' && remembered.test(key));
  return counts.filter(([key, value]) => value !== 0 && !stays(key)).map(([key, value]) => `${key} ${value}`);
}
