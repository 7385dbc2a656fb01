import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LabUnderTest } from '../support/lab-under-test.ts';
import { until } from '../support/until.ts';
import { WorkerPlaces } from '../support/worker-place.ts';

let lab: LabUnderTest;
before(async () => {
  lab = await LabUnderTest.start([], ['--workers', '3']);
});
after(() => lab?.stop());

async function scrape(): Promise<ReadonlyMap<string, number>> {
  const { url, token } = lab.organisation('contoso').api;
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200);
  const lines = (await answer.text()).split('\n').filter(line => line !== '' && !line.startsWith('#'));
  return new Map(lines.map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

test('one scrape shows every worker, what is common to them once, and each endpoint at the one that holds it', async () => {
  const places = new WorkerPlaces(lab, 'contoso');
  for (const slot of [2, 1]) {
    await places.connectTo(
      slot,
      () => lab.signIn('contoso', 'alice@contoso.test'),
      endpoint => endpoint.close(),
    );
  }
  const endpoints = (samples: ReadonlyMap<string, number>) =>
    [0, 1, 2].map(worker => samples.get(`parley_endpoints_registered{worker="${worker}"}`));
  const samples = await until('one endpoint at each of two workers', async () => {
    const found = await scrape();
    return endpoints(found).join() === '0,1,1' ? found : undefined;
  });
  assert.equal(samples.get('parley_users'), 2);
  for (const worker of [0, 1, 2]) {
    assert.ok((samples.get(`process_resident_memory_bytes{worker="${worker}"}`) ?? 0) > 1e6, `${worker}`);
    assert.ok(samples.has(`parley_connections{listener="client",worker="${worker}"}`), `${worker}`);
  }
});
