import { ok } from '../../base/result.ts';
import { sipDomainField } from '../../model/field.ts';
import type { CommandDefinition } from '../command.ts';
import { getCommand, newCommand, removeCommand, setCommand } from '../object-commands.ts';
import type { ObjectNoun } from '../object-noun.ts';

const includeSubdomains = 'the entry stands for all domains below it as well';

const allowedDomain: ObjectNoun<'CsAllowedDomain'> = {
  kind: 'CsAllowedDomain',
  title: 'allowed domain',
  identity: sipDomainField,
  identityHelp: 'the SIP domain of the partner',
  aliases: { domain: 'identity' },
  example: '-Identity fabrikam.com -Comment "Contract 17"',
  exampleOfSet: '-Identity fabrikam.com -ProxyFqdn sip.fabrikam.com',
  help: {
    proxyFqdn: 'the only server that speaks for the domain; $Null: found by DNS SRV',
    verificationLevel: 'how far the partner is believed about its senders',
    includeSubdomains,
    markForMonitoring: 'kept for import, without effect',
    comment: 'note for admins',
  },
  rules: (_state, { body }) => ok({ notices: body.markForMonitoring ? ['MarkForMonitoring is kept, but has no effect.'] : [] }),
};

const blockedDomain: ObjectNoun<'CsBlockedDomain'> = {
  kind: 'CsBlockedDomain',
  title: 'blocked domain',
  identity: sipDomainField,
  identityHelp: 'the SIP domain of the partner',
  aliases: { domain: 'identity' },
  example: '-Identity fabrikam.com',
  exampleOfSet: '-Identity fabrikam.com -IncludeSubdomains $true',
  help: { includeSubdomains, comment: 'note for admins' },
};

/** New, Set, Get and Remove on the two lists; a domain is on one of them only. */
export const federatedDomainListCommands: readonly CommandDefinition[] = [
  newCommand(allowedDomain),
  setCommand(allowedDomain),
  getCommand(allowedDomain),
  removeCommand(allowedDomain),
  newCommand(blockedDomain),
  setCommand(blockedDomain),
  getCommand(blockedDomain),
  removeCommand(blockedDomain),
];
