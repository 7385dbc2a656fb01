import { failure } from '../base/failure.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type ConfigurationKind, configurationKinds } from '../model/configuration-object.ts';
import { type CommandDefinition, commandName } from './command.ts';
import { kindCommands } from './kind-commands.ts';
import { nearestWord } from './nearest-word.ts';
import { federatedDomainCommands } from './nouns/federated-domain.ts';
import { federationCommands } from './nouns/federation.ts';
import { historyCommands } from './nouns/history.ts';
import { replicationCommands } from './nouns/replication.ts';
import { confirmSipDomainCommand } from './nouns/sip-domain.ts';
import { tenantCommands } from './nouns/tenant.ts';
import { userCommands } from './nouns/user.ts';
import { userBlockListCommands } from './nouns/user-block-list.ts';

/** All commands there are, by noun and verb. */
export const commandDefinitions: readonly CommandDefinition[] = Object.freeze(
  [
    ...(Object.keys(configurationKinds) as ConfigurationKind[]).flatMap(kindCommands),
    ...tenantCommands,
    confirmSipDomainCommand,
    ...federatedDomainCommands,
    ...userCommands,
    ...userBlockListCommands,
    ...historyCommands,
    ...replicationCommands,
    ...federationCommands,
  ].sort((a, b) => `${a.noun} ${a.verb}`.localeCompare(`${b.noun} ${b.verb}`)),
);

const byName: ReadonlyMap<string, CommandDefinition> = new Map(
  commandDefinitions.map(definition => [commandName(definition).toLowerCase(), definition]),
);

/** The command of a verb and noun in any letter case. Fails with COMMAND_UNKNOWN. */
export function findCommand(verb: string, noun: string): Result<CommandDefinition> {
  const command = `${verb}-${noun}`;
  const found = byName.get(command.toLowerCase());
  if (found) return ok(found);
  const nearest = nearestWord(command, commandDefinitions.map(commandName));
  return err(failure('COMMAND_UNKNOWN', { command, suggestion: nearest ? `, perhaps ${nearest}` : '' }));
}
