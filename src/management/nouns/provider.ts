import { z } from 'zod';
import { failure } from '../../base/failure.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { deploymentOwner } from '../../model/configuration-object.ts';
import { type ManagementState, planObjects } from '../change-plan.ts';
import { type CommandDefinition, defineCommand } from '../command.ts';
import { findForChange, getCommand, newCommand, removeCommand, setCommand } from '../object-commands.ts';
import { changeParameters, nameField, type ObjectDraft, type ObjectNoun, type RuleOutcome } from '../object-noun.ts';

type ProviderKind = 'CsHostingProvider' | 'CsPublicProvider';

const help = {
  proxyFqdn: 'the server that speaks for all its domains; cannot be changed later',
  enabled: 'no traffic until true',
  verificationLevel: 'how far the provider is believed about its senders',
  enabledSharedAddressSpace: 'some users of our own SIP domains live at the provider',
  hostsOcsUsers: 'it hosts SIP accounts; needs EnabledSharedAddressSpace',
  isLocal: 'the proxy is inside our own topology; no effect yet',
  autodiscoverUrl: 'where clients of users homed there sign in; no effect yet',
  sipClientPort: 'port for clients of users homed there; no effect yet',
};

const hostingProvider: ObjectNoun<'CsHostingProvider'> = {
  kind: 'CsHostingProvider',
  title: 'hosting provider',
  identity: nameField,
  identityHelp: 'the name of the provider',
  immutable: ['proxyFqdn'],
  example: '-Identity LyncOnline -ProxyFqdn sipfed.online.lync.com -Enabled $true',
  exampleOfSet: '-Identity LyncOnline -VerificationLevel UseSourceVerification',
  help,
  rules(state, draft) {
    if (draft.body.hostsOcsUsers && !draft.body.enabledSharedAddressSpace) return err(failure('PROVIDER_SHAPE_INVALID'));
    return providerRules(state, draft);
  },
  removalRules(state, owner, identity) {
    const proxyFqdn = state.configuration.find('CsHostingProvider', owner, identity)?.body.proxyFqdn;
    for (const user of state.users.all()) {
      if (user.tenant !== owner || user.hostingProviderProxyFqdn !== proxyFqdn) continue;
      return err(failure('OBJECT_IN_USE', { noun: 'CsHostingProvider', identity, use: `${user.aor} is homed there` }));
    }
    return ok({});
  },
};

const publicProvider: ObjectNoun<'CsPublicProvider'> = {
  kind: 'CsPublicProvider',
  title: 'public provider',
  identity: nameField,
  identityHelp: 'the name of the provider',
  immutable: ['proxyFqdn'],
  example: '-Identity Contoso -ProxyFqdn federation.example.net -Enabled $true',
  exampleOfSet: '-Identity Contoso -VerificationLevel AlwaysUnverifiable',
  help,
  rules: providerRules,
};

/** New, Set, Get, Remove, Enable and Disable of both kinds of provider. */
export const providerCommands: readonly CommandDefinition[] = [...commandsOf(hostingProvider), ...commandsOf(publicProvider)];

function commandsOf<K extends ProviderKind>(noun: ObjectNoun<K>): CommandDefinition[] {
  return [
    newCommand(noun),
    setCommand(noun),
    getCommand(noun),
    removeCommand(noun),
    switchCommand(noun, 'Enable', true),
    switchCommand(noun, 'Disable', false),
  ];
}

function switchCommand<K extends ProviderKind>(
  noun: ObjectNoun<K>,
  verb: 'Enable' | 'Disable',
  enabled: boolean,
): CommandDefinition {
  return defineCommand({
    verb,
    noun: noun.kind,
    kind: 'change',
    summary: enabled ? `Lets traffic with a ${noun.title} pass.` : `Stops traffic with a ${noun.title}.`,
    parameters: z.object({ identity: noun.identity.describe(noun.identityHelp), ...changeParameters }),
    example: noun.example.split(' ').slice(0, 2).join(' '),
    run: (context, parameters) =>
      context.writer.change(context, state => {
        const current = findForChange(context, noun, state, parameters.identity);
        if (!current.ok) return current;
        const { kind, owner, identity, version, body } = current.value;
        const allowed = providerRules(state, { owner, identity, body: { ...body, enabled }, before: body, given: new Set() });
        if (!allowed.ok) return allowed;
        const change = { kind, owner, identity, expectedVersion: version, body: { ...body, enabled } };
        return planObjects([change], `Provider ${identity} ${enabled ? 'enabled' : 'disabled'}.`);
      }),
  });
}

/** Providers are found by the names in DNS answers, so they cannot be used with a default route. */
function providerRules(
  state: ManagementState,
  { body, before }: Pick<ObjectDraft<ProviderKind>, 'body' | 'before' | 'owner' | 'identity' | 'given'>,
): Result<RuleOutcome> {
  const accessEdge = state.configuration.find('CsAccessEdgeConfiguration', deploymentOwner, 'global');
  if (accessEdge?.body.routingMethod === 'UseDefaultRouting') return err(failure('PROVIDERS_NEED_DNS_ROUTING'));
  const notices = !before && !body.enabled ? ['It is disabled: no traffic passes until Enabled is true.'] : [];
  return ok({ notices });
}
