import type { Clock } from '../base/clock.ts';
import { randomToken } from '../base/random.ts';
import { callAndEnd } from './call-step.ts';
import { contoso, labPolicy, lynconline } from './deployment-plan.ts';
import type { CommandCall } from './management-client.ts';
import { type PresenceParties, watches } from './presence-step.ts';
import { arrivalMs, described, fail, pass, type StepVerdict } from './step-verdict.ts';
import type { TestEndpoint } from './test-endpoint.ts';
import type { UndoLog } from './undo-log.ts';

/** Who takes part. */
export interface ScenarioParties {
  readonly alice: TestEndpoint;
  readonly adam: TestEndpoint;
  readonly bob: TestEndpoint;
  /** Clients of theirs that publish and watch; they are signed in while they do. */
  readonly presence: PresenceParties['presence'];
  /** Changes at contoso. */
  readonly changes: UndoLog;
  readonly clock: Clock;
}

/** One step of the scenario. */
export interface ScenarioStep {
  readonly step: string;
  /** One line for people. */
  readonly title: string;
  /** It changes configuration for a moment, so it would disturb programs that use the lab at the same time. */
  readonly changesConfiguration: boolean;
  run(parties: ScenarioParties): Promise<StepVerdict>;
}

/** A step with its verdict. */
export type StepReport = Pick<ScenarioStep, 'step' | 'title'> & StepVerdict;

/** A suspended user is signed out within this time. */
const signOutMs = 1_000;
const partnerDomains = lynconline.tenant.domains;
const blockPartner: CommandCall = { command: 'Set-CsFederatedDomain', parameters: { identity: partnerDomains, list: 'Blocked' } };
const allowPartner: CommandCall = { command: 'Set-CsFederatedDomain', parameters: { identity: partnerDomains, list: 'Allowed' } };
const aliceAddress = `${contoso.users[0].name}@${contoso.tenant.domains[0]}`;
const revokePolicy: CommandCall = {
  command: 'Grant-CsExternalAccessPolicy',
  parameters: { identity: [aliceAddress], policyName: null },
};
const grantPolicy: CommandCall = {
  command: 'Grant-CsExternalAccessPolicy',
  parameters: { identity: [aliceAddress], policyName: labPolicy },
};
const suspendAlice: CommandCall = { command: 'Set-CsUser', parameters: { identity: [aliceAddress], enabled: false } };
const resumeAlice: CommandCall = { command: 'Set-CsUser', parameters: { identity: [aliceAddress], enabled: true } };

const plain = { changesConfiguration: false } as const;
const changing = { changesConfiguration: true } as const;

/** Everything the lab proves with real clients, in order. */
export const scenarioSteps: readonly ScenarioStep[] = [
  { step: 'sign-in', title: 'alice, adam and bob sign in over TLS', ...plain, run: signInAll },
  { step: 'im-inside', title: 'alice → adam, inside contoso', ...plain, run: ({ alice, adam }) => deliver(alice, adam) },
  { step: 'im-outbound', title: 'alice → bob, across the federation', ...plain, run: ({ alice, bob }) => deliver(alice, bob) },
  { step: 'im-inbound', title: 'bob → alice, across the federation', ...plain, run: ({ alice, bob }) => deliver(bob, alice) },
  { step: 'presence-outbound', title: 'alice watches bob across the federation', ...plain, run: watches('alice', 'bob') },
  { step: 'presence-inbound', title: 'bob watches alice across the federation', ...plain, run: watches('bob', 'alice') },
  {
    step: 'call-outbound',
    title: 'alice calls bob across the federation and hangs up',
    ...plain,
    run: ({ alice, bob }) => callAndEnd(alice, bob, 'caller'),
  },
  {
    step: 'call-inbound',
    title: 'bob calls alice across the federation, alice hangs up',
    ...plain,
    run: ({ alice, bob }) => callAndEnd(bob, alice, 'callee'),
  },
  {
    step: 'blocked-outbound',
    title: 'contoso blocks the domains of fabrikam: alice is refused and told why',
    ...changing,
    run: async parties =>
      (await changed(parties, blockPartner, allowPartner)) ?? refuse(parties.alice, parties.bob, 403, withReason(1005)),
  },
  {
    step: 'blocked-inbound',
    title: 'bob is a stranger there now: 504, and contoso gives no reason',
    ...changing,
    run: ({ bob, alice }) => refuse(bob, alice, 504, noReason),
  },
  {
    step: 'unblocked',
    title: 'contoso allows them again: alice → bob',
    ...changing,
    run: async parties => (await restored(parties)) ?? deliver(parties.alice, parties.bob),
  },
  {
    step: 'policy-revoked',
    title: 'alice loses her external access policy, the global one denies',
    ...changing,
    run: async parties =>
      (await changed(parties, revokePolicy, grantPolicy)) ?? refuse(parties.alice, parties.bob, 403, withReason(1012)),
  },
  {
    step: 'policy-granted',
    title: 'alice has her policy again: alice → bob',
    ...changing,
    run: async parties => (await restored(parties)) ?? deliver(parties.alice, parties.bob),
  },
  { step: 'suspended', title: 'alice is suspended: signed out within a second, not let in again', ...changing, run: suspend },
  {
    step: 'resumed',
    title: 'alice is resumed: signs in, adam → alice',
    ...changing,
    run: async parties => (await restored(parties)) ?? (await signIn(parties.alice)) ?? deliver(parties.adam, parties.alice),
  },
  {
    step: 'restored-outbound',
    title: 'everything as before: alice → bob',
    ...changing,
    run: ({ alice, bob }) => deliver(alice, bob),
  },
  {
    step: 'restored-inbound',
    title: 'everything as before: bob → alice',
    ...changing,
    run: ({ alice, bob }) => deliver(bob, alice),
  },
];

/**
 * Runs the scenario and reports each step as it ends; true if all passed. `light` leaves out what changes configuration. What was
 * changed is put back in any case, and the clients sign out.
 */
export async function runScenario(
  parties: ScenarioParties,
  light: boolean,
  report: (of: StepReport) => void,
  signal: AbortSignal,
): Promise<boolean> {
  let passed = true;
  try {
    for (const { step, title, run, changesConfiguration } of scenarioSteps) {
      if (signal.aborted) return false;
      if (light && changesConfiguration) continue;
      const verdict = await run(parties);
      passed &&= verdict.status === 'pass';
      report({ step, title, ...verdict });
    }
  } finally {
    const undone = await parties.changes.undoAll();
    if (undone?.ok === false) {
      passed = false;
      const expected = 'The configuration is as it was before the scenario.';
      report({ step: 'put-back', title: 'put everything back', status: 'fail', expected, evidence: undone.error.text });
    }
    await Promise.all([parties.alice, parties.adam, parties.bob].map(endpoint => endpoint.signOut()));
  }
  return passed;
}

async function signInAll({ alice, adam, bob }: ScenarioParties): Promise<StepVerdict> {
  const problems = await Promise.all([alice, adam, bob].map(signIn));
  return problems.find(problem => problem !== undefined) ?? pass('three REGISTERs with digest answered 200');
}

/** Signs in; a verdict only where that failed. */
async function signIn(endpoint: TestEndpoint): Promise<StepVerdict | undefined> {
  const signedIn = await endpoint.signIn();
  if (signedIn.ok && signedIn.value.status === 200) return undefined;
  return fail(`${endpoint.address} signs in with 200.`, `The registrar said: ${described(signedIn)}.`);
}

/** One message, answered 200 and there. */
async function deliver(from: TestEndpoint, to: TestEndpoint): Promise<StepVerdict> {
  const text = `Hello from ${from.address} (${randomToken(6)})`;
  const sent = await from.sendMessage(to.address, text);
  const expected = `A message from ${from.address} to ${to.address} is delivered and answered 200.`;
  if (!sent.ok || sent.value.status !== 200) return fail(expected, `The answer was: ${described(sent)}.`);
  const arrived = await to.waitForMessage(text, arrivalMs);
  if (arrived === undefined) return fail(expected, `It was answered ${described(sent)}, but did not arrive.`);
  if (arrived.from !== from.address) return fail(expected, `It arrived as if it came from ${arrived.from}.`);
  return pass(`delivered, ${described(sent)} after ${sent.value.milliseconds} ms`);
}

/** What ms-diagnostics has to say. */
interface WantedDiagnostics {
  /** Ends a sentence. */
  readonly text: string;
  fits(given: string | undefined): boolean;
}

/** An id with the text that explains it. */
function withReason(id: number): WantedDiagnostics {
  return {
    text: `with ms-diagnostics ${id} and its reason`,
    fits: given => given?.startsWith(`${id};`) === true && /;reason="[^"]+"/.test(given),
  };
}

/** Not a word from the other side: bob's own Edge may only note that it was told nothing (1034). */
const noReason: WantedDiagnostics = {
  text: 'without a reason from contoso',
  fits: given => given === undefined || (given.startsWith('1034;') && given.includes(`source="${lynconline.edge.internalFqdn}"`)),
};

/** One message that has to be refused. */
async function refuse(from: TestEndpoint, to: TestEndpoint, status: number, wanted: WantedDiagnostics): Promise<StepVerdict> {
  const text = `Not to be delivered (${randomToken(6)})`;
  const sent = await from.sendMessage(to.address, text);
  const expected = `A message from ${from.address} to ${to.address} is refused with ${status} ${wanted.text}.`;
  const fits = sent.ok && sent.value.status === status && wanted.fits(sent.value.diagnostics);
  if (!fits) return fail(expected, `The answer was: ${described(sent)}.`);
  if ((await to.waitForMessage(text, 0)) !== undefined) return fail(expected, 'It was refused and delivered all the same.');
  return pass(described(sent));
}

async function suspend({ alice, changes, clock }: ScenarioParties): Promise<StepVerdict> {
  const expected = `${alice.address} is signed out within a second, and a new sign-in is refused with 403 and 4141.`;
  const beginMs = clock.monotonic();
  const made = await changes.change(suspendAlice, resumeAlice);
  if (!made.ok) return fail(expected, made.error.text);
  if (!(await alice.waitForClose(signOutMs))) return fail(expected, 'The server kept the connection open.');
  const milliseconds = Math.round(clock.monotonic() - beginMs);
  const again = await alice.signIn();
  if (!again.ok || again.value.status !== 403 || !(again.value.diagnostics ?? '').startsWith('4141;')) {
    return fail(expected, `The registrar said: ${described(again)}.`);
  }
  alice.close();
  return pass(`signed out ${milliseconds} ms after the command was given; then ${described(again)}`);
}

/** Changes the configuration; a verdict only where that failed. */
async function changed({ changes }: ScenarioParties, call: CommandCall, undo: CommandCall): Promise<StepVerdict | undefined> {
  const made = await changes.change(call, undo);
  return made.ok ? undefined : fail(`${call.command} succeeds.`, made.error.text);
}

/** Puts the configuration back; a verdict only where that failed. */
async function restored({ changes }: ScenarioParties): Promise<StepVerdict | undefined> {
  const undone = await changes.undoAll();
  return undone?.ok === false ? fail('The change is taken back.', undone.error.text) : undefined;
}
