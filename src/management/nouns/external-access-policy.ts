import { z } from 'zod';
import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { deploymentOwner } from '../../model/configuration-object.ts';
import { parseScope, scopeIdentity } from '../../model/scope.ts';
import type { ManagementState } from '../change-plan.ts';
import { type CommandDefinition, countOf } from '../command.ts';
import type { ConfigurationState } from '../configuration-state.ts';
import { getCommand, newCommand, removeCommand, setCommand } from '../object-commands.ts';
import type { ObjectDraft, ObjectNoun, RuleOutcome } from '../object-noun.ts';

const externalAccessPolicy: ObjectNoun<'CsExternalAccessPolicy'> = {
  kind: 'CsExternalAccessPolicy',
  title: 'external access policy',
  identity: z.string().trim().min(1).max(133),
  identityHelp: 'Global, site:NAME, or the name of a user policy',
  defaultIdentity: 'global',
  implicitIdentity: 'global',
  example: '-Identity BasicAccessPolicy -EnableFederationAccess $true',
  help: {
    enableFederationAccess: 'people of federated organisations, hosted ones included',
    enableXmppAccess: 'XMPP partners, which cannot be reached yet; works only together with EnableFederationAccess',
    enablePublicCloudAccess: 'people of public providers',
    enablePublicCloudAudioVideoAccess: 'audio and video with people of public providers',
    enableOutsideAccess: 'the user may sign in from outside; no effect yet',
  },
  resolveIdentity,
  rules: (_state, draft) => ok({ notices: noticesOf(draft) }),
  removalRules,
};

/** New, Set, Get and Remove (of the global policy: reset) of external access policies. */
export const externalAccessPolicyCommands: readonly CommandDefinition[] = [
  newCommand(externalAccessPolicy),
  setCommand(externalAccessPolicy),
  getCommand(externalAccessPolicy),
  removeCommand(externalAccessPolicy),
];

function resolveIdentity(state: ConfigurationState, identity: string): Result<string> {
  const scope = parseScope(identity);
  if (!scope.ok) return scope;
  if (scope.value.kind !== 'site') return ok(scopeIdentity(scope.value));
  const site = state.find('CsSite', deploymentOwner, scope.value.site);
  if (!site) return err(failure('SITE_UNKNOWN', { parameter: 'Identity', site: scope.value.site }));
  return ok(scopeIdentity({ kind: 'site', site: site.identity }));
}

function noticesOf({ identity, body, before }: ObjectDraft<'CsExternalAccessPolicy'>): string[] {
  const notices: string[] = [];
  if (body.enableXmppAccess && !body.enableFederationAccess) {
    notices.push('EnableXmppAccess has no effect while EnableFederationAccess is false.');
  }
  if (!before && identity.startsWith('tag:')) {
    notices.push('A user policy works only for users it is granted to: parley policy grant POLICY ADDRESS.');
  }
  return notices;
}

function removalRules(state: ManagementState, owner: string, identity: string): Result<RuleOutcome> {
  if (!identity.startsWith('tag:')) return ok({});
  const name = identity.slice(4);
  let granted = 0;
  for (const user of state.users.all()) if (user.tenant === owner && user.externalAccessPolicy === name) granted++;
  if (granted === 0) return ok({});
  return ok({ notices: [`${countOf(granted, 'user')} had it granted and now have the policy of the site or the global one.`] });
}
