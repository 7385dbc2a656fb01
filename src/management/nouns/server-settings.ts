import type { CommandDefinition } from '../command.ts';
import { singletonCommands } from '../singleton-commands.ts';

/** Get and Set of the tenant's federation switch, of the registrar's and of the proxy's settings. */
export const serverSettingsCommands: readonly CommandDefinition[] = [
  ...singletonCommands({
    kind: 'CsTenantFederationConfiguration',
    title: 'federation configuration of the tenant',
    example: '-AllowFederatedUsers $true',
    help: {
      allowFederatedUsers: "the tenant's own switch; the deployment's must be on too",
      allowedDomains: 'AllKnown: every domain that discovery finds; AllowedList: only allowed domains',
      treatDiscoveredPartnersAsUnverified: 'discovered partners are not believed about their senders',
      sharedSipAddressSpace: 'some users of our SIP domains live elsewhere; no effect yet',
    },
  }),
  ...singletonCommands({
    kind: 'CsRegistrarConfiguration',
    title: 'registrar configuration',
    example: '-MaxEndpointsPerUser 4',
    aliases: {
      minendpointexpiration: 'minEndpointExpirationSeconds',
      defaultendpointexpiration: 'defaultEndpointExpirationSeconds',
      maxendpointexpiration: 'maxEndpointExpirationSeconds',
    },
  }),
  ...singletonCommands({
    kind: 'CsProxyConfiguration',
    title: 'proxy configuration',
    example: '-MaxClientMessageBodySizeKb 256',
  }),
];
