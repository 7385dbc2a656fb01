import { z } from 'zod';
import { countOf } from '../base/count-text.ts';
import { failure } from '../base/failure.ts';
import { err, ok } from '../base/result.ts';
import { type ConfigurationKind, kindOf } from '../model/configuration-object.ts';
import type { Kind, KindVerb } from '../model/kind.ts';
import { attributeParameters } from './attribute-parameters.ts';
import { changeParameters } from './change-parameters.ts';
import { type CommandDefinition, defineCommand, readResult } from './command.ts';
import { grantCommand } from './grant-command.ts';
import { findForChange, listObjects, ownersShown, resolveIdentity } from './kind-objects.ts';
import { planBody, planNew, planRemove, planSet } from './kind-plans.ts';
import { objectView } from './object-view.ts';
import { wildcardMatcher } from './wildcard.ts';

const makers: Readonly<Record<KindVerb, (name: ConfigurationKind, kind: Kind) => CommandDefinition>> = {
  New: newCommand,
  Set: setCommand,
  Get: getCommand,
  Remove: removeCommand,
  Grant: grantCommand,
  Enable: (name, kind) => switchCommand(name, kind, 'Enable'),
  Disable: (name, kind) => switchCommand(name, kind, 'Disable'),
};

/** The commands on a kind that are made of its definition. */
export function kindCommands(name: ConfigurationKind): readonly CommandDefinition[] {
  const kind = kindOf(name);
  return kind.verbs.map(verb => makers[verb](name, kind));
}

/** New-NOUN: fails if the object exists. */
function newCommand(name: ConfigurationKind, kind: Kind): CommandDefinition {
  return defineCommand({
    verb: 'New',
    noun: name,
    kind: 'change',
    scope: kind.owner,
    summary: `Creates ${article(kind.title)}.`,
    parameters: z.object({
      identity: kind.identity.describe(kind.identityHelp),
      ...attributeParameters(kind, true),
      ...changeParameters,
    }),
    aliases: kind.aliases,
    example: kind.example,
    run: (context, parameters) => context.writer.change(context, state => planNew(context, name, state, parameters)),
  });
}

/** Set-NOUN: fails if the object does not exist; attributes that are not given stay. */
function setCommand(name: ConfigurationKind, kind: Kind): CommandDefinition {
  return defineCommand({
    verb: 'Set',
    noun: name,
    kind: 'change',
    scope: kind.owner,
    summary: `Changes ${isSingle(kind) ? `the ${kind.title}` : article(kind.title)}; what is not given stays as it is.`,
    parameters: z.object({ identity: identityParameter(kind), ...attributeParameters(kind, false), ...changeParameters }),
    aliases: kind.aliases,
    example: kind.exampleOfSet,
    run: (context, parameters) => context.writer.change(context, state => planSet(context, name, state, parameters)),
  });
}

/** Get-NOUN: one by identity, or those whose identity matches a filter. */
function getCommand(name: ConfigurationKind, kind: Kind): CommandDefinition {
  return defineCommand({
    verb: 'Get',
    noun: name,
    kind: 'read',
    scope: kind.owner,
    summary: isSingle(kind) ? `Shows the ${kind.title}.` : `Shows ${article(kind.title)}, or all that match.`,
    parameters: z.object({
      identity: z.string().optional().describe(`${kind.identityHelp}; * stands for anything`),
      filter: z.string().optional().describe('pattern for the identity; * stands for anything'),
    }),
    example: identityExample(kind),
    async run(context, { identity, filter }) {
      const { configuration: state } = await context.readState();
      const owner = ownersShown(context, name, state);
      if (!owner.ok) return owner;
      const all = listObjects(name, state, owner.value).map(object => objectView(state, object));
      if (identity === undefined || identity.includes('*')) {
        const matches = wildcardMatcher(identity ?? filter ?? '*');
        const found = all.filter(view => matches(view.identity));
        return ok(readResult(found, countOf(found.length, kind.title)));
      }
      const named = resolveIdentity(context, kind, state, identity);
      const wanted = named.ok ? named.value.toLowerCase() : identity.toLowerCase();
      const found = all.filter(view => view.identity.toLowerCase() === wanted);
      return found.length > 0 ? ok(readResult(found)) : err(failure('OBJECT_UNKNOWN', { noun: name, identity }));
    },
  });
}

/** Remove-NOUN: fails if the object does not exist; a global one gets its defaults again. */
function removeCommand(name: ConfigurationKind, kind: Kind): CommandDefinition {
  return defineCommand({
    verb: 'Remove',
    noun: name,
    kind: 'change',
    scope: kind.owner,
    summary: isSingle(kind) ? `Gives the ${kind.title} its defaults again.` : `Removes ${article(kind.title)}.`,
    parameters: z.object({ identity: identityParameter(kind), ...changeParameters }),
    example: identityExample(kind),
    run: (context, { identity }) => context.writer.change(context, state => planRemove(context, name, state, String(identity))),
  });
}

/** Enable-NOUN and Disable-NOUN: the attribute `enabled`. */
function switchCommand(name: ConfigurationKind, kind: Kind, verb: 'Enable' | 'Disable'): CommandDefinition {
  const enabled = verb === 'Enable';
  return defineCommand({
    verb,
    noun: name,
    kind: 'change',
    scope: kind.owner,
    summary: enabled ? `Lets traffic with a ${kind.title} pass.` : `Stops traffic with a ${kind.title}.`,
    parameters: z.object({ identity: kind.identity.describe(kind.identityHelp), ...changeParameters }),
    example: identityExample(kind),
    run: (context, { identity }) =>
      context.writer.change(context, state => {
        const current = findForChange(context, name, state, String(identity));
        if (!current.ok) return current;
        const message = `${capital(kind.title)} ${current.value.identity} ${enabled ? 'enabled' : 'disabled'}.`;
        return planBody(context, name, state, current.value, { enabled }, message);
      }),
  });
}

/** There is one for each owner: the global object. */
function isSingle({ scopes }: Kind): boolean {
  return scopes.length === 1;
}

/** The first parameter of the example of New: the identity; the global object needs none. */
function identityExample(kind: Kind): string {
  return isSingle(kind) ? '' : kind.example.split(' ').slice(0, 2).join(' ');
}

function identityParameter(kind: Kind): z.ZodType<unknown> {
  const schema = kind.identity.describe(kind.identityHelp);
  return kind.scopes.length === 0 ? schema : schema.default('global').describe(kind.identityHelp);
}

function article(title: string): string {
  return `${/^[aeiouAEIOU]/.test(title) ? 'an' : 'a'} ${title}`;
}

function capital(title: string): string {
  return title.charAt(0).toUpperCase() + title.slice(1);
}
