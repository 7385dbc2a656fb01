import { z } from 'zod';
import { countOf } from '../../base/count-text.ts';
import { ok } from '../../base/result.ts';
import { aorField, sipDomainField } from '../../model/field.ts';
import { type CommandDefinition, defineCommand, readResult } from '../command.ts';

/** The readiness checks, and the decision between two addresses. */
export const federationCommands: readonly CommandDefinition[] = [
  defineCommand({
    verb: 'Test',
    noun: 'CsFederation',
    kind: 'read',
    summary: 'Runs the readiness checks; with domains, those of these partners as well.',
    parameters: z.object({ domain: z.array(sipDomainField).max(1000).optional().describe('domains of partners') }),
    aliases: { identity: 'domain' },
    example: '-Domain fabrikam.com',
    async run(context, { domain }) {
      const findings = await context.ports.readiness.check(domain ?? []);
      if (!findings.ok) return findings;
      const views = findings.value.map(finding => ({ identity: finding.id, version: 0, ...finding }));
      const failed = views.filter(view => view.status === 'fail').length;
      const unknown = views.filter(view => view.status === 'unknown').length;
      const tail = unknown > 0 ? `, ${unknown} could not run` : '';
      return ok(readResult(views, `${countOf(views.length, 'check')}, ${failed} failed${tail}`));
    },
  }),
  defineCommand({
    verb: 'Get',
    noun: 'CsFederationDecision',
    kind: 'read',
    summary: 'Explains step by step whether two addresses may communicate, in both directions.',
    parameters: z.object({
      from: aorField.describe('address of one side'),
      to: aorField.describe('address of the other side'),
    }),
    example: '-From alice@contoso.com -To bob@fabrikam.com',
    async run(context, { from, to }) {
      const directions = await context.ports.readiness.explain(from, to);
      if (!directions.ok) return directions;
      const views = directions.value.map(direction => ({
        identity: `${direction.from} to ${direction.to}`,
        version: 0,
        ...direction,
      }));
      const refused = views.filter(view => !view.allowed).length;
      return ok(
        readResult(
          views,
          refused === 0 ? 'Both directions are allowed.' : `${refused} of ${views.length} directions are refused.`,
        ),
      );
    },
  }),
];
