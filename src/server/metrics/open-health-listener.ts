import { ok, type Result } from '../../base/result.ts';
import type { Readiness } from '../../management/http-api/management-api.ts';
import type { Closers } from '../running-server.ts';
import type { ServerConfiguration } from '../server-configuration.ts';
import { listenForHealth } from './health-listener.ts';
import type { ServerMetrics } from './server-metrics.ts';

/** Opens the health listener where the configuration file asks for one; its port, for the line that says the server is up. */
export async function openHealthListener(
  { metrics: address }: Pick<ServerConfiguration, 'metrics'>,
  metrics: ServerMetrics,
  readiness: () => Promise<Readiness>,
  closers: Closers,
): Promise<Result<{ readonly metricsPort?: number }>> {
  if (!address) return ok({});
  const opened = await listenForHealth(address, { metrics: () => metrics.text(), readiness });
  if (!opened.ok) return opened;
  closers.add(() => opened.value.close());
  return ok({ metricsPort: opened.value.port });
}
