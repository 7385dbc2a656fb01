import { z } from 'zod';
import { countOf } from '../../base/count-text.ts';
import { failure } from '../../base/failure.ts';
import { err, ok } from '../../base/result.ts';
import { fqdnField } from '../../model/field.ts';
import { type CommandDefinition, defineCommand, readResult } from '../command.ts';

const replicaFqdn = fqdnField.optional().describe('FQDN of one node or Edge; default: all');
const noun = 'CsManagementStoreReplicationStatus';

/** How far nodes and Edges have the configuration, and a push of all of it. */
export const replicationCommands: readonly CommandDefinition[] = [
  defineCommand({
    verb: 'Get',
    noun,
    kind: 'read',
    summary: 'Shows which nodes and Edges run from the current configuration.',
    parameters: z.object({ replicaFqdn }),
    aliases: { identity: 'replicaFqdn' },
    async run(context, parameters) {
      const all = context.ports.replication.status();
      const wanted = parameters.replicaFqdn;
      const found = wanted === undefined ? all : all.filter(replica => replica.fqdn === wanted);
      if (wanted !== undefined && found.length === 0) return err(failure('OBJECT_UNKNOWN', { noun, identity: wanted }));
      const views = found.map(({ fqdn, upToDate, version, lastUpdateCreationMs, lastStatusReportMs, report, failure: of }) => ({
        identity: fqdn,
        replicaFqdn: fqdn,
        upToDate,
        configuration: version ? `${version.epoch}.${version.number}` : null,
        lastUpdateCreation: timeText(lastUpdateCreationMs),
        lastStatusReport: timeText(lastStatusReportMs),
        problem: of?.text ?? null,
        lastRefusal: report?.lastRefusal?.text ?? null,
        lastRefusalCode: report?.lastRefusal?.code ?? null,
        lastRefusalTime: timeText(report?.lastRefusal?.atMs),
        version: version?.number ?? 0,
      }));
      return ok(readResult(views, countOf(views.length, 'replica')));
    },
  }),
  defineCommand({
    verb: 'Invoke',
    noun: 'CsManagementStoreReplication',
    kind: 'action',
    summary: 'Sends the whole configuration to a node or Edge again, or to all.',
    parameters: z.object({ replicaFqdn }),
    aliases: { identity: 'replicaFqdn' },
    async run(context, parameters) {
      const invoked = await context.ports.replication.invoke(parameters.replicaFqdn);
      if (!invoked.ok) return invoked;
      const whom = parameters.replicaFqdn ?? 'all nodes and Edges';
      return ok({ kind: 'changed', objects: [], message: `The configuration is on its way to ${whom}.`, notices: [] });
    },
  }),
  defineCommand({
    verb: 'New',
    noun: 'CsEdgeEnrolment',
    kind: 'read',
    summary: 'Makes the enrolment bundle an Edge computer starts from: whom to believe, and who may talk to it.',
    parameters: z.object({ identity: fqdnField.describe('FQDN of the Edge computer, as the topology names it') }),
    example: '-Identity edge1.contoso.com',
    async run(context, { identity }) {
      const bundle = await context.ports.replication.enrol(identity);
      if (!bundle.ok) return bundle;
      const view = { identity, bundle: bundle.value, version: 0 };
      return ok(readResult([view], `Carry the bundle to ${identity} and take it there within a day: parley edge enrol.`));
    },
  }),
];

function timeText(atMs: number | undefined): string | null {
  return atMs === undefined ? null : new Date(atMs).toISOString();
}
