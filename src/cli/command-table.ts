import type { Command } from 'commander';
import type { CommandRunner, GlobalOptions } from './command-runner.ts';
import type { Terminal } from './terminal.ts';

/** What an action gets: a runner made from the options given, and the place for its exit code. */
export interface Cli {
  readonly terminal: Terminal;
  /** Runs an action; what it returns becomes the exit code. */
  act(command: Command, action: (runner: CommandRunner) => Promise<number>): Promise<void>;
}

/** A word after `parley`: its module is loaded only when the word is used. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** The options of every command that mean something here; absent: all. */
  readonly takes?: readonly (keyof GlobalOptions)[];
  /** Loads the module that adds options and actions to the empty command. */
  readonly load: () => Promise<(command: Command, cli: Cli) => void>;
}

/** Everything `parley` can do, in the order of its help. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'lab',
    summary: 'two organisations that federate, on this machine',
    takes: ['json'],
    load: async () => (await import('./commands/lab.ts')).addLabCommand,
  },
  {
    name: 'serve',
    summary: 'run a Front End or an Edge',
    takes: ['config', 'json'],
    load: async () => (await import('./commands/serve.ts')).addServeCommand,
  },
  {
    name: 'user',
    summary: 'enable, suspend, resume and remove users, set passwords, block lists',
    load: async () => (await import('./commands/user.ts')).addUserCommands,
  },
  {
    name: 'domain',
    summary: 'allow and block the domains of partners',
    load: async () => (await import('./commands/domain.ts')).addDomainCommands,
  },
  {
    name: 'provider',
    summary: 'hosting and public providers',
    load: async () => (await import('./commands/provider.ts')).addProviderCommands,
  },
  {
    name: 'policy',
    summary: 'external access policies and their grants',
    load: async () => (await import('./commands/policy.ts')).addPolicyCommands,
  },
  {
    name: 'access-edge',
    summary: 'the switches for everything that crosses the Edge',
    load: async () => (await import('./commands/access-edge.ts')).addAccessEdgeCommands,
  },
  {
    name: 'tenant',
    summary: 'tenants, their SIP domains and their federation switch',
    load: async () => (await import('./commands/tenant.ts')).addTenantCommands,
  },
  {
    name: 'topology',
    summary: 'sites, pools and Edge pools',
    load: async () => (await import('./commands/topology.ts')).addTopologyCommands,
  },
  {
    name: 'edge',
    summary: "an Edge's key, certificate and enrolment",
    load: async () => (await import('./commands/edge.ts')).addEdgeCommands,
  },
  {
    name: 'backup',
    summary: 'write the store of a Front End into one file',
    takes: ['api', 'tokenFile', 'caFile', 'lab', 'org', 'config', 'json'],
    load: async () => (await import('./commands/backup.ts')).addBackupCommand,
  },
  {
    name: 'restore',
    summary: "put a backup in the place of a stopped Front End's store",
    takes: ['config', 'whatIf', 'json'],
    load: async () => (await import('./commands/restore.ts')).addRestoreCommand,
  },
  {
    name: 'history',
    summary: 'who changed what when',
    load: async () => (await import('./commands/history.ts')).addHistoryCommand,
  },
  {
    name: 'replication',
    summary: 'how far nodes and Edges have the configuration',
    load: async () => (await import('./commands/replication.ts')).addReplicationCommands,
  },
  {
    name: 'check',
    summary: 'check whether everything is ready to federate',
    load: async () => (await import('./commands/check.ts')).addCheckCommand,
  },
  {
    name: 'explain',
    summary: 'why two addresses can or cannot communicate',
    load: async () => (await import('./commands/explain.ts')).addExplainCommand,
  },
  {
    name: 'commands',
    summary: 'list the Verb-CsNoun commands that parley also takes',
    load: async () => (await import('./commands/commands.ts')).addCommandsCommand,
  },
];
