import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Fqdn } from '../model/names.ts';
import type { User } from '../model/user.ts';
import { sampleConfiguration, sampleUser } from '../testing/sample-configuration.ts';
import { homeOf } from './home.ts';

const proxy = 'sipfed.online.test' as Fqdn;
const hosting = (body: object) => ({
  kind: 'CsHostingProvider' as const,
  identity: 'Online',
  body: { proxyFqdn: proxy, ...body },
});
const open = { enabled: true, enabledSharedAddressSpace: true };
const atProvider: Partial<User> = { hostingProviderProxyFqdn: proxy };

const rows: [string, Partial<User>, Parameters<typeof sampleConfiguration>[0], string][] = [
  ['a user homed here', {}, [], 'local fe.contoso.test'],
  ['a pool that is gone', { registrarPool: 'old.contoso.test' as Fqdn }, [], 'pool-unknown old.contoso.test'],
  ['a user at a provider', atProvider, [hosting(open)], 'provider Online'],
  ['an unknown provider', atProvider, [], `provider-unknown ${proxy}`],
  ['a disabled provider', atProvider, [hosting({ ...open, enabled: false })], `provider-disabled ${proxy}`],
  ['a provider with addresses of its own', atProvider, [hosting({ enabled: true })], `provider-not-shared ${proxy}`],
  [
    'a public provider',
    atProvider,
    [{ kind: 'CsPublicProvider', identity: 'Public', body: { proxyFqdn: proxy, enabled: true } }],
    `provider-not-shared ${proxy}`,
  ],
];

for (const [name, user, changes, expected] of rows) {
  it(`home of ${name}`, () => {
    const home = homeOf(sampleConfiguration(changes), sampleUser(user));
    const text =
      home.kind === 'local'
        ? `local ${home.pool}`
        : home.kind === 'provider'
          ? `provider ${home.provider.name}`
          : `${home.reason} ${home.at}`;
    assert.equal(text, expected);
  });
}
