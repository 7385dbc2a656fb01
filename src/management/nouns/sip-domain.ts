import { z } from 'zod';
import { failure } from '../../base/failure.ts';
import { randomToken } from '../../base/random.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { sipDomainField } from '../../model/field.ts';
import { domainOfAor, type TenantId } from '../../model/names.ts';
import type { ObjectChange } from '../../store/store.ts';
import { type ManagementState, planObjects } from '../change-plan.ts';
import { type CommandDefinition, countOf, defineCommand } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { findForChange, getCommand, newCommand, removeCommand, setCommand } from '../object-commands.ts';
import { changeParameters, type ObjectDraft, type ObjectNoun, type RuleOutcome } from '../object-noun.ts';

const sipDomain: ObjectNoun<'CsSipDomain'> = {
  kind: 'CsSipDomain',
  title: 'SIP domain',
  identity: sipDomainField,
  identityHelp: 'the domain in the addresses of users',
  computed: ['verified', 'proofToken'],
  example: '-Identity contoso.com -IsDefault $true',
  help: { isDefault: 'the domain of new addresses; exactly one is' },
  fill: (context, state, owner) =>
    proofIsSkipped(context, state, owner) ? { verified: true } : { verified: false, proofToken: randomToken(16) },
  rules,
  removalRules,
};

const additionalInternalDomain: ObjectNoun<'CsAdditionalInternalDomain'> = {
  kind: 'CsAdditionalInternalDomain',
  title: 'additional internal domain',
  identity: sipDomainField,
  identityHelp: 'a domain that is internal for routing although no user lives here',
  aliases: { domain: 'identity' },
  example: '-Identity contoso.onmicrosoft.com',
  help: { comment: 'note for admins' },
};

/** Commands on the domains of a tenant; Confirm proves by a TXT record whose domain it is. */
export const sipDomainCommands: readonly CommandDefinition[] = [
  newCommand(sipDomain),
  setCommand(sipDomain),
  getCommand(sipDomain),
  removeCommand(sipDomain),
  defineCommand({
    verb: 'Confirm',
    noun: 'CsSipDomain',
    kind: 'change',
    summary: 'Looks for the proof of a SIP domain in DNS; the domain works from then on.',
    parameters: z.object({ identity: sipDomainField.describe(sipDomain.identityHelp), ...changeParameters }),
    example: '-Identity contoso.com',
    run: (context, { identity }) => confirmSipDomain(context, identity),
  }),
  newCommand(additionalInternalDomain),
  getCommand(additionalInternalDomain),
  removeCommand(additionalInternalDomain),
];

/** The first tenant of an on-premises deployment is the organisation itself (D18). */
function proofIsSkipped(context: CommandContext, state: ManagementState, owner: string): boolean {
  return context.ports.deployment === 'on-premises' && state.configuration.tenants()[0]?.id === owner;
}

/** Keeps exactly one default: the first domain becomes it, and a new default takes it from the old one. */
function rules(state: ManagementState, { owner, identity, body, before }: ObjectDraft<'CsSipDomain'>): Result<RuleOutcome> {
  const others = state.configuration.list('CsSipDomain', owner).filter(object => object.identity !== identity);
  const notices = body.verified
    ? []
    : [
        `It works after its proof: publish the TXT record _parley-proof.${identity} with the value ${body.proofToken}, then run parley tenant domain verify ${identity}.`,
      ];
  const defaults = others.filter(object => object.body.isDefault);
  if (!body.isDefault) {
    if (defaults.length > 0) return ok({ notices });
    if (before) return err(failure('DEFAULT_SIP_DOMAIN_REQUIRED', { domain: identity }));
    const first: ObjectChange = {
      kind: 'CsSipDomain',
      owner,
      identity,
      expectedVersion: null,
      body: { ...body, isDefault: true },
    };
    return ok({ notices, instead: first });
  }
  const also = defaults.map(
    (object): ObjectChange => ({
      kind: 'CsSipDomain',
      owner,
      identity: object.identity,
      expectedVersion: object.version,
      body: { ...object.body, isDefault: false },
    }),
  );
  return ok({ notices, also });
}

function removalRules(state: ManagementState, owner: string, identity: string): Result<RuleOutcome> {
  let users = 0;
  for (const user of state.users.all()) if (user.tenant === (owner as TenantId) && domainOfAor(user.aor) === identity) users++;
  if (users > 0) {
    return err(
      failure('OBJECT_IN_USE', { noun: 'CsSipDomain', identity, use: `${countOf(users, 'user')} with an address in it` }),
    );
  }
  const domains = state.configuration.list('CsSipDomain', owner);
  const isDefault = domains.find(object => object.identity === identity)?.body.isDefault;
  return isDefault && domains.length > 1 ? err(failure('DEFAULT_SIP_DOMAIN_REQUIRED', { domain: identity })) : ok({});
}

async function confirmSipDomain(context: CommandContext, identity: string) {
  const records = await context.ports.domainProof.lookUpTxt(`_parley-proof.${identity}`);
  return context.writer.change(context, state => {
    const current = findForChange(context, sipDomain, state, identity);
    if (!current.ok) return current;
    const { owner, version, body } = current.value;
    if (body.verified) return planObjects([], `${identity} is proven already.`);
    if (!records.ok) return records;
    if (!records.value.some(value => value.trim() === body.proofToken)) {
      const found =
        records.value.length === 0
          ? 'there is no TXT record'
          : `${countOf(records.value.length, 'TXT record')}, none with the value`;
      return err(failure('SIP_DOMAIN_PROOF_MISSING', { domain: identity, found, proofToken: body.proofToken }));
    }
    const change: ObjectChange = {
      kind: 'CsSipDomain',
      owner,
      identity,
      expectedVersion: version,
      body: { ...body, verified: true },
    };
    return planObjects([change], `SIP domain ${identity} is proven and works.`);
  });
}
