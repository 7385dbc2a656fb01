// docs/objects.md, from the schemas of the configuration objects and the commands on them.
import { commandName } from '../../src/management/command.ts';
import { commandDefinitions } from '../../src/management/command-registry.ts';
import { userView } from '../../src/management/object-view.ts';
import { policyViews } from '../../src/management/user-policies.ts';
import { configurationKinds } from '../../src/model/configuration-object.ts';
import { UserAttributes } from '../../src/model/user-attributes.ts';
import { VerificationLevel } from '../../src/model/verification-level.ts';
import { code, defaultText, describeSchema, sentence, table, typeText } from './schema-text.mjs';

/** CsUser is a row of its own and no configuration object. */
const userRows = [
  ['identity', 'address', '', 'The address `user@domain`, in one of our SIP domains; unique.'],
  ['sipAddress', 'text', '', 'The same as a SIP URI. Computed.'],
  ['displayName', 'text', 'the part before the @', 'Name for people.'],
  [
    'enabled',
    'true or false',
    '`true`',
    '`false`: suspended. The user cannot sign in and cannot be reached, and keeps everything.',
  ],
  ['registrarPool', 'host name', 'the only pool', 'The pool the user is homed in.'],
  [
    'hostingProviderProxyFqdn',
    '`SRV:` or host name',
    '`SRV:`',
    '`SRV:`: homed here; else the proxy of the hosting provider the user lives at.',
  ],
  ...Object.keys(policyViews({ policies: {} })).map(name => [
    name,
    'text, or nothing',
    'nothing',
    'Name of the granted policy; nothing: automatic, the policy of the site or the global one.',
  ]),
  ...Object.entries(UserAttributes.shape).map(([name, { description }]) => [
    name,
    'text, or nothing',
    'nothing',
    sentence(description),
  ]),
  ['blockedSenders', 'list of addresses and domains', 'nothing', "The user's own block list: to them the user looks offline."],
  ['tenant', 'text', '', 'The tenant whose SIP domain the address is in. Computed.'],
];

export function objectsPage() {
  checkUserRows();
  const kinds = Object.keys(configurationKinds);
  const sections = kinds.map(objectSection);
  return `# Objects

What an admin decides is kept as objects under the names Lync admins know. Each has an identity and a version; a change is one revision of the
history (\`parley history\`), with before and after. This page is written by \`npm run docs\` from the schemas that check every change.

- **Owner**: objects of the *deployment* are there once; those of a *tenant* belong to one organisation. Where there is one tenant nobody has
  to name it; else \`--tenant NAME\` does.
- **Edge**: whether Edges get the object with their signed copy of the configuration. Policies and users never leave the Front Ends.
- **Verification level** is one of ${VerificationLevel.options.map(code).join(', ')}: [what it means](concepts.md#verification-level).
- Attributes that say *no effect yet* are kept, so that settings can be carried over, and do nothing.

${['CsUser', ...kinds].map(kind => `- [${kind}](#${kind.toLowerCase()})`).join('\n')}

## CsUser

Somebody who can sign in and be reached. Owner: tenant. Edge: no. Passwords are sealed and are part of no answer.

${table(
  ['Attribute', 'Value', 'Default', 'Meaning'],
  userRows.map(([name, ...rest]) => [code(name), ...rest]),
)}

Commands: ${commandsOf('CsUser')}, ${commandsOf('CsUserBlockList')}, ${commandsOf('CsUserPassword')}

${sections.join('\n')}`;
}

/** The attributes of users stand in no schema, so they are compared with what commands show. */
function checkUserRows() {
  const shown = Object.keys(userView({ tenantName: () => '' }, { policies: {}, attributes: UserAttributes.shape })).filter(
    name => name !== 'version',
  );
  const told = userRows.map(([name]) => name);
  if (shown.join() !== told.join()) throw new Error(`tools/reference/objects-page.mjs: CsUser shows ${shown.join(', ')}`);
}

function objectSection(kind) {
  const { schema, owner, edge, about, identityHelp } = configurationKinds[kind];
  const rows = Object.entries(schema.shape).map(([name, attribute]) => attributeRow(kind, name, attribute));
  return `## ${kind}

${about}

Identity: ${identityHelp}. Owner: ${owner}. Edge: ${edge ? 'yes' : 'no'}.

${table(['Attribute', 'Value', 'Default', 'Meaning'], rows)}

Commands: ${commandsOf(kind)}
`;
}

function attributeRow(kind, name, schema) {
  const { meaning: told, defaultValue } = describeSchema(schema);
  if (!told) throw new Error(`${kind}.${name} has no meaning`);
  return [code(name), typeText(schema), defaultText(defaultValue) || 'required', sentence(told)];
}

function commandsOf(noun) {
  const names = commandDefinitions.filter(definition => definition.noun === noun).map(commandName);
  return names.map(name => `[${name}](commands.md#${name.toLowerCase()})`).join(', ');
}
