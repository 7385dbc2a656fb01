import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerDigest, readChallenge } from '../../bench/generator/digest-answer.ts';
import { Latencies } from '../../bench/generator/latencies.ts';
import { answerOk, statusAt } from '../../bench/generator/sip-answer.ts';
import { readMachineUsage, readProcessUsage, readPss } from '../../bench/machine/process-usage.ts';

test('the generator answers with what a response has to copy, and nothing else', () => {
  const head = [
    'MESSAGE sip:u1@a.test SIP/2.0',
    'Record-Route: <sip:p.test;lr>',
    'Via: SIP/2.0/TLS p.test;branch=z9hG4bK1',
    'Via: SIP/2.0/TLS c.test;branch=z9hG4bK2',
    'Route: <sip:elsewhere.test>',
    'Max-Forwards: 69',
    'From: <sip:u0@a.test>;tag=f',
    'To: <sip:u1@a.test>',
    'Timestamp: 5',
    'Call-ID: c1',
    'CSeq: 7 MESSAGE',
    'Contact: <sip:u0@c.test>',
    'Content-Type: text/plain',
    'Content-Length: 2',
    '\r\n',
  ].join('\r\n');
  const before = 'SIP/2.0 200 OK\r\n\r\n';
  assert.deepEqual(answerOk(`${before}${head}hi`, before.length, before.length + head.length).split('\r\n'), [
    'SIP/2.0 200 OK',
    'Record-Route: <sip:p.test;lr>',
    'Via: SIP/2.0/TLS p.test;branch=z9hG4bK1',
    'Via: SIP/2.0/TLS c.test;branch=z9hG4bK2',
    'From: <sip:u0@a.test>;tag=f',
    'To: <sip:u1@a.test>;tag=b1',
    'Call-ID: c1',
    'CSeq: 7 MESSAGE',
    'Content-Length: 0',
    '',
    '',
  ]);
  assert.equal(statusAt(`x${before}`, 1), 200);
  assert.equal(statusAt(head, 0), 0);
});

test('the generator answers the MD5 challenge among several (rfc2617 3.5)', () => {
  const head = [
    'SIP/2.0 401 Unauthorized',
    'WWW-Authenticate: Digest realm="testrealm@host.com", algorithm=SHA-256, nonce="1"',
    'WWW-Authenticate: Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c"',
    '\r\n',
  ].join('\r\n');
  const request = { user: 'Mufasa', password: 'Circle Of Life', method: 'GET', uri: '/dir/index.html' };
  const answer = answerDigest(readChallenge(head), request, 1);
  assert.match(answer, /^Authorization: Digest username="Mufasa",/);
  assert.match(answer, /response="670fd8c2df070c60b045671b8b24ff02"/);
  assert.match(answer, /opaque="5ccc069c"\r\n$/);
});

test('quantiles are those of all values, also after more have come', () => {
  const latencies = new Latencies();
  assert.equal(latencies.quantile(0.5), 0);
  for (let i = 100_000; i > 0; i--) latencies.add(i);
  assert.equal(latencies.quantile(0.99), 99_000);
  latencies.add(0);
  assert.equal(latencies.quantile(0), 0);
});

test('CPU time and memory of this process are seen', () => {
  const before = readProcessUsage([process.pid]);
  const machine = readMachineUsage().busySeconds;
  // by the processor's time and not by the clock's: on a busy machine this process may get next to nothing for long
  for (const begin = process.cpuUsage(); process.cpuUsage(begin).user < 100_000; );
  const after = readProcessUsage([process.pid]);
  assert.ok(after.pids.includes(process.pid));
  assert.ok(after.cpuSeconds > before.cpuSeconds);
  assert.ok(readMachineUsage().busySeconds > machine);
  assert.ok(readPss([process.pid]) > 1000);
  assert.equal(readPss([0]), 0);
});
