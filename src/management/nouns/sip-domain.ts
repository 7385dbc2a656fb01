import { z } from 'zod';
import { countOf } from '../../base/count-text.ts';
import { failure } from '../../base/failure.ts';
import { err } from '../../base/result.ts';
import { sipDomainField } from '../../model/field.ts';
import { sipDomain } from '../../model/kinds/sip-domain.ts';
import type { ObjectChange } from '../../store/store.ts';
import { changeParameters } from '../change-parameters.ts';
import { planObjects } from '../change-plan.ts';
import { type CommandDefinition, defineCommand } from '../command.ts';
import type { CommandContext } from '../command-context.ts';
import { findForChange } from '../kind-objects.ts';

/** Confirm-CsSipDomain proves by a TXT record whose domain it is. */
export const confirmSipDomainCommand: CommandDefinition = defineCommand({
  verb: 'Confirm',
  noun: 'CsSipDomain',
  kind: 'change',
  asksOthers: true,
  scope: 'tenant',
  summary: 'Looks for the proof of a SIP domain in DNS; the domain works from then on.',
  parameters: z.object({ identity: sipDomainField.describe(sipDomain.identityHelp), ...changeParameters }),
  example: '-Identity contoso.com',
  run: (context, { identity }) => confirmSipDomain(context, identity),
});

async function confirmSipDomain(context: CommandContext, identity: string) {
  const records = await context.ports.domainProof.lookUpTxt(`_parley-proof.${identity}`);
  return context.writer.change(context, state => {
    const current = findForChange(context, 'CsSipDomain', state, identity);
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
