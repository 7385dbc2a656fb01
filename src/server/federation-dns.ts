import type { Clock } from '../base/clock.ts';
import { type CountingResolver, createFederationResolver } from '../resolve/federation-resolver.ts';
import type { ServerConfiguration } from './server-configuration.ts';

/** The resolver of a server, as its configuration file says. */
export function openFederationResolver(
  { nameServers, dnsAnswerSeconds }: Pick<ServerConfiguration, 'nameServers' | 'dnsAnswerSeconds'>,
  clock: Clock,
): CountingResolver {
  return createFederationResolver({
    clock,
    ...(nameServers.length > 0 ? { servers: nameServers } : {}),
    limits: { foundMs: dnsAnswerSeconds * 1000 },
  });
}
