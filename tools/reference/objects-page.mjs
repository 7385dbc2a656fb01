// docs/objects.md, from the schemas of the configuration objects and the commands on them.
import { commandName } from '../../src/management/command.ts';
import { commandDefinitions } from '../../src/management/command-registry.ts';
import { userView } from '../../src/management/object-view.ts';
import { configurationKinds } from '../../src/model/configuration-object.ts';
import { VerificationLevel } from '../../src/model/verification-level.ts';
import { code, defaultText, describeSchema, sentence, table, typeText } from './schema-text.mjs';

/** What each object is for, in the order of the page. */
const introductions = {
  CsAccessEdgeConfiguration:
    'The switches of the deployment for everything that crosses the Edge, and how partners are found. Closed until opened.',
  CsTenantFederationConfiguration:
    "A tenant's own federation switch and mode. The deployment's switch and the tenant's must both allow. The one organisation of an on-premises deployment starts with its own open, so that only the deployment's has to be switched.",
  CsAllowedDomain:
    'A domain of a partner that may talk to us. With a ProxyFqdn only that server speaks for it; without one its Edge is found by DNS.',
  CsBlockedDomain: 'A domain of nobody we talk to, in neither direction, whatever else says.',
  CsHostingProvider:
    'A provider that hosts many organisations behind one server. It is trust in that server; each domain behind it needs an allowed entry, or discovery.',
  CsPublicProvider:
    'A consumer network behind one server. Its domains need no entry of their own; users need the policy bit EnablePublicCloudAccess.',
  CsExternalAccessPolicy:
    'What a user may do with people outside. The nearest policy supplies everything: that granted to the user, else that of the site, else the global one.',
  CsTenant: 'An organisation. An on-premises deployment has one; a hosting provider has many.',
  CsSipDomain: 'A domain in the addresses of our users. At a provider it works after its proof: a TXT record in DNS.',
  CsAdditionalInternalDomain: 'A domain that counts as ours for routing although no user has an address in it.',
  CsSite: 'A place. It names the Edge pool its users reach partners through.',
  CsPool: 'One or several Front Ends that home users.',
  CsEdgeServer:
    'A pool of Edges: the name partners know, its machines, its ports, and the pool that gets what comes from outside.',
  CsRegistrarConfiguration: 'How long sign-ins last, and how many clients one user may have.',
  CsProxyConfiguration: 'Limits and connections of Front Ends and Edges.',
};

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
  [
    'externalAccessPolicy',
    'text, or nothing',
    'nothing',
    'Name of the granted policy; nothing: automatic, the policy of the site or the global one.',
  ],
  ['blockedSenders', 'list of addresses and domains', 'nothing', "The user's own block list: to them the user looks offline."],
  ['tenant', 'text', '', 'The tenant whose SIP domain the address is in. Computed.'],
];

export function objectsPage() {
  checkUserRows();
  const kinds = Object.keys(configurationKinds);
  const forgotten = kinds.filter(kind => !(kind in introductions));
  if (forgotten.length > 0) throw new Error(`tools/reference/objects-page.mjs says nothing about ${forgotten.join(', ')}`);
  const sections = Object.entries(introductions).map(([kind, text]) => objectSection(kind, text));
  return `# Objects

What an admin decides is kept as objects under the names Lync admins know. Each has an identity and a version; a change is one revision of the
history (\`parley history\`), with before and after. This page is written by \`npm run docs\` from the schemas that check every change.

- **Owner**: objects of the *deployment* are there once; those of a *tenant* belong to one organisation. Where there is one tenant nobody has
  to name it; else \`--tenant NAME\` does.
- **Edge**: whether Edges get the object with their signed copy of the configuration. Policies and users never leave the Front Ends.
- **Verification level** is one of ${VerificationLevel.options.map(code).join(', ')}: [what it means](concepts.md#verification-level).
- Attributes that say *no effect yet* are kept, so that settings can be carried over, and do nothing.

${['CsUser', ...Object.keys(introductions)].map(kind => `- [${kind}](#${kind.toLowerCase()})`).join('\n')}

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
  const shown = Object.keys(userView({ tenantName: () => '' }, {})).filter(name => name !== 'version');
  const told = userRows.map(([name]) => name);
  if (shown.join() !== told.join()) throw new Error(`tools/reference/objects-page.mjs: CsUser shows ${shown.join(', ')}`);
}

function objectSection(kind, text) {
  const { schema, owner, edge } = configurationKinds[kind];
  const rows = Object.entries(schema.shape).map(([name, attribute]) => attributeRow(kind, name, attribute));
  return `## ${kind}

${text}

Identity: ${identityOf(kind)}. Owner: ${owner}. Edge: ${edge ? 'yes' : 'no'}.

${table(['Attribute', 'Value', 'Default', 'Meaning'], rows)}

Commands: ${commandsOf(kind)}
`;
}

function attributeRow(kind, name, schema) {
  const { meaning, defaultValue } = describeSchema(schema);
  const told = meaning || helpOf(kind, name);
  if (!told) throw new Error(`${kind}.${name} has no meaning`);
  return [code(name), typeText(schema), defaultText(defaultValue) || 'required', sentence(told)];
}

/** What Set or New says about the parameter of that name. */
function helpOf(kind, name) {
  for (const verb of ['Set', 'New']) {
    const schema = definitionOf(verb, kind)?.parameters.shape[name];
    if (schema?.description) return schema.description.replace(/; default .*$/, '');
  }
  return '';
}

function identityOf(kind) {
  const shape = definitionOf('Get', kind)?.parameters.shape;
  return (shape?.identity?.description ?? 'Global; there is one').replace(/; (?:\* stands.*|may be left out)$/, '');
}

function definitionOf(verb, noun) {
  return commandDefinitions.find(definition => definition.verb === verb && definition.noun === noun);
}

function commandsOf(noun) {
  const names = commandDefinitions.filter(definition => definition.noun === noun).map(commandName);
  return names.map(name => `[${name}](commands.md#${name.toLowerCase()})`).join(', ');
}
