import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { randomToken } from '../../src/base/random.ts';
import type { PresenceEndpoint } from '../../src/lab/presence-endpoint.ts';
import type { TestEndpoint } from '../../src/lab/test-endpoint.ts';
import { LabUnderTest, type OrganisationName } from '../support/lab-under-test.ts';
import { presenceClient, statusOf, tryToWatch } from '../support/presence-client.ts';
import { addProvenDomains } from '../support/proven-domains.ts';

/** One tenant of a deployment. */
export interface TenantSide {
  readonly deployment: OrganisationName;
  readonly tenant: string;
  readonly domain: string;
}

/** The tenant that sends, in either case. */
export const fabrikam: TenantSide = { deployment: 'lynconline', tenant: 'fabrikam', domain: 'fabrikam.test' };
/** Another tenant of the same deployment. */
export const litware: TenantSide = { deployment: 'lynconline', tenant: 'litware', domain: 'litware.test' };
/** An organisation with a deployment of its own. */
export const contoso: TenantSide = { deployment: 'contoso', tenant: 'contoso', domain: 'contoso.test' };

/** What an admin of one side has set up about the other; nothing: the other is on no list, switch and policy are on. */
export interface SideSetUp {
  readonly list?: 'Allowed' | 'Blocked';
  /** Nothing is believed about the other's users. */
  readonly unverified?: boolean;
  readonly switchOff?: boolean;
  readonly policyOff?: boolean;
  /** The reachable user has the other's domain on the own block list. */
  readonly userBlocks?: boolean;
}

/** What a sender was answered. */
export interface Answer {
  readonly status: number;
  /** Reason phrase of the status line. */
  readonly phrase: string;
  /** Id and text of ms-diagnostics: what does not depend on names. */
  readonly diagnostics: string | undefined;
  /** Where ms-diagnostics says it comes from. */
  readonly source: string | undefined;
}

const policy = 'BasicAccess';
const arrivalMs = 5_000;

/** The names a recipient's side has: one signed in, one not, one suspended. */
export type Recipient = 'reachable' | 'offline' | 'suspended' | 'unknown';
const recipients: Readonly<Record<string, Readonly<Record<Recipient, string>>>> = {
  contoso: { reachable: 'alice', offline: 'adam', suspended: 'sue', unknown: 'nobody' },
  litware: { reachable: 'lily', offline: 'luke', suspended: 'sue', unknown: 'nobody' },
};

/** The lab with a second tenant at the hosting provider. No side has the other on a list. */
export class TenantsLab {
  readonly lab: LabUnderTest;
  readonly #bob: TestEndpoint;
  readonly #reachable: Readonly<Record<string, TestEndpoint>>;

  private constructor(lab: LabUnderTest, bob: TestEndpoint, reachable: Readonly<Record<string, TestEndpoint>>) {
    this.lab = lab;
    this.#bob = bob;
    this.#reachable = reachable;
  }

  static async start(): Promise<TenantsLab> {
    const lab = await LabUnderTest.start();
    try {
      await makeLitware(lab);
      const sue = { users: [{ identity: 'sue@contoso.test', password: 'pw-sue' }], externalAccessPolicy: policy };
      await lab.run('contoso', 'Enable-CsUser', sue);
      await lab.run('contoso', 'Set-CsUser', { identity: ['sue@contoso.test'], enabled: false });
      await lab.run('contoso', 'Remove-CsFederatedDomain', { identity: ['fabrikam.test', 'fabrikam.lynconline.test'] });
      await lab.run('lynconline', 'Remove-CsFederatedDomain', { identity: ['contoso.test'], tenant: 'fabrikam' });
      const bob = await lab.signIn('lynconline', 'bob@fabrikam.test');
      const litwareLily = await lab.signIn('lynconline', 'lily@litware.test');
      const alice = await lab.signIn('contoso', 'alice@contoso.test');
      return new TenantsLab(lab, bob, { contoso: alice, litware: litwareLily });
    } catch (fault) {
      await lab.stop();
      throw fault;
    }
  }

  /** Sets up one side for the other's domain; call what it gives to put everything back. */
  async setUp(
    side: TenantSide,
    other: TenantSide,
    { list, unverified, switchOff, policyOff, userBlocks }: SideSetUp,
  ): Promise<() => Promise<void>> {
    const run = (command: string, parameters: Readonly<Record<string, unknown>>) =>
      this.lab.run(side.deployment, command, { ...parameters, tenant: side.tenant });
    const setSwitch = (allowFederatedUsers: boolean) => run('Set-CsTenantFederationConfiguration', { allowFederatedUsers });
    const setPolicy = (enableFederationAccess: boolean) =>
      run('Set-CsExternalAccessPolicy', { identity: policy, enableFederationAccess });
    const level = unverified ? { verificationLevel: 'AlwaysUnverifiable' } : {};
    if (list) await run('Set-CsFederatedDomain', { identity: [other.domain], list, ...level });
    if (switchOff) await setSwitch(false);
    if (policyOff) await setPolicy(false);
    const identity = addressOf(side, 'reachable');
    if (userBlocks) await run('Set-CsUserBlockList', { identity, add: [other.domain] });
    return async () => {
      if (list) await run('Remove-CsFederatedDomain', { identity: [other.domain] });
      if (switchOff) await setSwitch(true);
      if (policyOff) await setPolicy(true);
      if (userBlocks) await run('Set-CsUserBlockList', { identity, remove: [other.domain] });
    };
  }

  /** Bob writes to somebody of that side. Answered 200 it has to have arrived, answered otherwise it must not. */
  async message(to: TenantSide, recipient: Recipient): Promise<Answer> {
    const text = `Hello (${randomToken(6)})`;
    const sent = await this.#bob.sendMessage(addressOf(to, recipient), text);
    if (!sent.ok) throw new Error(sent.error.text);
    const { status, reason, diagnostics } = sent.value;
    const arrived = await this.#reachable[to.tenant]?.waitForMessage(text, status === 200 ? arrivalMs : 0);
    assert.equal(arrived?.from, status === 200 ? 'bob@fabrikam.test' : undefined);
    return answerOf(status, reason, diagnostics);
  }

  /** Bob's other client asks for somebody's presence; a subscription that is accepted is ended again. */
  async subscribe(client: PresenceEndpoint, to: TenantSide, recipient: Recipient): Promise<Answer> {
    const { watch, answer } = await tryToWatch(client, addressOf(to, recipient));
    if (answer.status === 200) assert.equal(statusOf(await watch.subscribe(0)), 200);
    return answerOf(answer.status, answer.reason, answer.get('ms-diagnostics'));
  }

  /** Bob calls, it is taken, one of the two hangs up; gives the two statuses. */
  async call(to: TenantSide, whoEnds: 'caller' | 'callee'): Promise<readonly number[]> {
    const callee = this.#reachable[to.tenant] as TestEndpoint;
    const placed = await this.#bob.call(addressOf(to, 'reachable'));
    if (!placed.ok) throw new Error(placed.error.text);
    const { callId, final } = placed.value;
    assert.ok(await callee.waitForCall(callId, 'confirmed', arrivalMs));
    return [final.status, statusOf(await (whoEnds === 'caller' ? this.#bob : callee).hangUp(callId))];
  }

  /** A client of bob's for presence. */
  watcher(t: TestContext): Promise<PresenceEndpoint> {
    return presenceClient(t, this.lab, 'bob@fabrikam.test');
  }

  stop(): Promise<void> {
    return this.lab.stop();
  }
}

function addressOf({ tenant, domain }: TenantSide, recipient: Recipient): string {
  return `${recipients[tenant]?.[recipient]}@${domain}`;
}

function answerOf(status: number, phrase: string, given: string | undefined): Answer {
  const [, id, source, reason] = /^(\d+);source="([^"]*)";reason="([^"]*)"/.exec(given ?? '') ?? [];
  return { status, phrase, diagnostics: id && `${id} ${reason}`, source };
}

/** A customer of the hosting provider as its admin makes one: tenant, domain with its proof in DNS, policy, people, federation switched on. */
async function makeLitware(lab: LabUnderTest): Promise<void> {
  const run = (command: string, parameters: Readonly<Record<string, unknown>>) =>
    lab.run('lynconline', command, { ...parameters, tenant: 'litware' });
  await lab.run('lynconline', 'New-CsTenant', { identity: 'litware', displayName: 'Litware' });
  await addProvenDomains(lab, 'lynconline', ['litware.test'], { tenant: 'litware' });
  await run('New-CsExternalAccessPolicy', { identity: policy, enableFederationAccess: true });
  const users = ['lily', 'luke', 'sue'].map(name => ({ identity: `${name}@litware.test`, password: `pw-${name}` }));
  await run('Enable-CsUser', { users, externalAccessPolicy: policy });
  await run('Set-CsUser', { identity: ['sue@litware.test'], enabled: false });
  await run('Set-CsTenantFederationConfiguration', { allowFederatedUsers: true });
}
