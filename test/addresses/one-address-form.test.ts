import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { latin1FromBytes, latin1FromUtf8 } from '../../src/base/bytes.ts';
import { failure } from '../../src/base/failure.ts';
import { printableOutput } from '../../src/base/printable.ts';
import { parsePidf } from '../../src/body/pidf.ts';
import { renderWatcherInformation } from '../../src/body/winfo.ts';
import { jsonText } from '../../src/cli/output.ts';
import { openFrontEndRoute, sealFrontEndRoute } from '../../src/dialog/front-end-route.ts';
import { RouteSeal } from '../../src/dialog/route-seal.ts';
import { ConnectionFlow } from '../../src/flow/connection-flow.ts';
import { CredentialCache } from '../../src/identity/credential-cache.ts';
import { CredentialSealer } from '../../src/identity/credential-sealer.ts';
import { computeDigestResponse, computeHa1 } from '../../src/identity/digest.ts';
import { DigestScheme } from '../../src/identity/digest-scheme.ts';
import { GuessLimiters } from '../../src/identity/guess-limiter.ts';
import { SealKeys } from '../../src/identity/seal-keys.ts';
import { type Aor, canonicalAor, uriOfAor } from '../../src/model/names.ts';
import { blockListEntry } from '../../src/policy/user-block-list.ts';
import { assertedAddresses, readFrom, readRequestUri, readTo } from '../../src/routing/request-address.ts';
import { presentityUri } from '../../src/services/presence/publication.ts';
import { decideWatcher, rulesOfBlockList } from '../../src/services/presence/watchers.ts';
import { publicGruu, readGruu } from '../../src/services/registrar/gruu.ts';
import { parseAuthentication } from '../../src/sip/challenge.ts';
import type { SipRequest } from '../../src/sip/message.ts';
import { parseSipUri } from '../../src/sip/uri.ts';
import { FakeClock } from '../../src/testing/fake-clock.ts';
import { deployContoso, type ManagementFixture, openManagement } from '../../src/testing/management-fixture.ts';
import { parseMessageText } from '../../src/testing/message-text.ts';
import { sampleUser } from '../../src/testing/sample-configuration.ts';
import type { Connection } from '../../src/wire/connection.ts';

/** An address as it is in memory, as a person may type it, as it may stand in a URI on the wire (bytes as characters), and as we write it there. */
interface Spelled {
  readonly aor: string;
  readonly typed: readonly string[];
  readonly onTheWire: readonly string[];
  readonly written: string;
  /** A user of ours may have it. */
  readonly mayBeOurs: boolean;
}

const spelled: readonly Spelled[] = [
  {
    aor: 'alice@contoso.test',
    typed: ['Alice@Contoso.test', 'sip:alice@contoso.test', '%61lice@contoso.test'],
    onTheWire: ['sip:alice@contoso.test', 'SIP:ALICE@CONTOSO.TEST', 'sips:al%69ce@contoso.test;transport=tls'],
    written: 'sip:alice@contoso.test',
    mayBeOurs: true,
  },
  {
    aor: 'ärger@contoso.test',
    typed: ['Ärger@contoso.test', 'a\u0308rger@contoso.test', 'sip:%C3%A4rger@contoso.test', '%c3%84rger@contoso.test'],
    onTheWire: ['sip:%C3%A4rger@contoso.test', latin1FromUtf8('sip:ÄRGER@contoso.test'), 'sip:a%CC%88rger@contoso.test'],
    written: 'sip:%C3%A4rger@contoso.test',
    mayBeOurs: true,
  },
  {
    aor: '100%@contoso.test',
    typed: ['100%@contoso.test', '100%25@contoso.test'],
    onTheWire: ['sip:100%25@contoso.test', 'sip:%31%30%30%25@contoso.test'],
    written: 'sip:100%25@contoso.test',
    mayBeOurs: true,
  },
  {
    aor: 'a{b}|c^`@contoso.test',
    typed: ['A{b}|c^`@contoso.test', 'a%7Bb%7d%7cc%5e%60@contoso.test'],
    onTheWire: ['sip:a%7Bb%7D%7cc%5E%60@contoso.test'],
    written: 'sip:a%7Bb%7D%7Cc%5E%60@contoso.test',
    mayBeOurs: true,
  },
  {
    aor: "o'hara+x=y,z$&!~()@contoso.test",
    typed: ["o'hara+x=y,z$&!~()@contoso.test"],
    onTheWire: ["sip:o'hara+x=y,z$&!~()@contoso.test", 'sip:o%27hara%2bx%3dy%2cz%24%26%21%7e%28%29@contoso.test'],
    written: "sip:o'hara+x=y,z$&!~()@contoso.test",
    mayBeOurs: true,
  },
  {
    aor: 'n%20x@contoso.test',
    typed: ['n%20x@contoso.test'],
    onTheWire: ['sip:n%20x@contoso.test', 'sip:%4E%20X@contoso.test'],
    written: 'sip:n%20x@contoso.test',
    mayBeOurs: false,
  },
  {
    aor: 'n%40contoso.test@contoso.test',
    typed: ['n%40contoso.test@contoso.test'],
    onTheWire: ['sip:n%40Contoso.test@contoso.test'],
    written: 'sip:n%40contoso.test@contoso.test',
    mayBeOurs: false,
  },
  {
    aor: '%00%0d%0a%1b%7f%c2%9b@contoso.test',
    typed: ['%00%0D%0A%1B%7F%C2%9B@contoso.test'],
    onTheWire: ['sip:%00%0D%0A%1B%7F%C2%9B@contoso.test', 'sip:%00%0d%0a%1b%7f\u00c2\u009b@contoso.test'],
    written: 'sip:%00%0D%0A%1B%7F%C2%9B@contoso.test',
    mayBeOurs: false,
  },
  {
    aor: 'b%e4r%3a%22%3c%3e%5c@contoso.test',
    typed: ['b%E4r%3A%22%3C%3E%5C@contoso.test'],
    onTheWire: ['sip:b%E4r%3a%22%3c%3e%5c@contoso.test'],
    written: 'sip:b%E4r%3A%22%3C%3E%5C@contoso.test',
    mayBeOurs: false,
  },
  {
    aor: 'a%2541;b/c?d@contoso.test',
    typed: ['a%2541;b/c?d@contoso.test', 'a%2541%3bb%2fc%3fd@contoso.test'],
    onTheWire: ['sip:a%2541;b/c?d@contoso.test', 'sip:a%2541%3Bb%2Fc%3Fd@contoso.test'],
    written: 'sip:a%2541;b/c?d@contoso.test',
    mayBeOurs: false,
  },
];

const side = { transport: 'TLS', host: 'fe.contoso.test', port: 5061 } as const;

function requestOf(uri: string): SipRequest {
  const parsed = parseMessageText(
    `MESSAGE ${uri} SIP/2.0\r\nVia: SIP/2.0/TLS a.test;branch=z9hG4bK1\r\nFrom: <${uri}>;tag=1\r\nTo: <${uri}>\r\nCall-ID: 1\r\n` +
      `CSeq: 1 MESSAGE\r\nP-Asserted-Identity: <${uri}>\r\n\r\n`,
  );
  assert.ok(parsed.ok && parsed.value.kind === 'request', uri);
  return parsed.value;
}

describe('an address is one, wherever it comes in and goes out', () => {
  let fixture: ManagementFixture;
  let keys: SealKeys;
  const folder = mkdtempSync(join(tmpdir(), 'parley-addresses-'));
  before(async () => {
    fixture = await openManagement();
    await deployContoso(fixture);
    const opened = SealKeys.open(join(folder, 'keys.json'));
    assert.ok(opened.ok);
    keys = opened.value;
  });
  after(async () => {
    await fixture.close();
    rmSync(folder, { recursive: true });
  });

  for (const { aor: text, typed, onTheWire, written, mayBeOurs } of spelled) {
    const aor = text as Aor;

    it(`${text}: From, To, Request-URI, P-Asserted-Identity, GRUU`, () => {
      for (const uri of onTheWire) {
        const request = requestOf(uri);
        for (const read of [readFrom, readTo, readRequestUri]) {
          const party = read(request);
          assert.ok(party.ok, uri);
          assert.equal(party.value.aor, aor);
        }
        assert.deepEqual(assertedAddresses(request), [aor]);
        const bare = uri.replace(/;transport=tls$/, '');
        assert.equal(readGruu(`${bare};gr=urn:uuid:1`)?.aor, aor);
      }
      assert.deepEqual(readGruu(publicGruu(aor, '<urn:uuid:1>') as string), { aor, instance: '<urn:uuid:1>' });
    });

    it(`${text}: commands, lists, history`, async () => {
      const owner = 'zoe@contoso.test';
      await fixture.run('Enable-CsUser', { identity: [owner] }).catch(() => {});
      for (const spelling of [text, ...typed]) {
        if (mayBeOurs) {
          await fixture.run('Enable-CsUser', { identity: [spelling] });
          for (const other of [text, ...typed, written]) {
            const found = await fixture.run('Get-CsUser', { identity: other });
            assert.deepEqual(
              found.objects.map(user => user.identity),
              [aor],
              other,
            );
          }
          await fixture.run('Disable-CsUser', { identity: [written], confirm: false });
        } else assert.equal(await fixture.refused('Enable-CsUser', { identity: [spelling] }), 'ADDRESS_INVALID');
        await fixture.run('Set-CsUserBlockList', { identity: owner, blockedSenders: [spelling] });
        const [user] = (await fixture.store.readUsers()).filter(each => each.aor === owner);
        assert.ok(user);
        assert.deepEqual(user.blockedSenders, [aor]);
        for (const uri of onTheWire) {
          const sender = readFrom(requestOf(uri));
          assert.ok(sender.ok);
          assert.equal(blockListEntry(user, sender.value.aor), aor);
          const watcher = { aor: sender.value.aor, kind: 'federated' } as const;
          assert.equal(decideWatcher(user.aor, rulesOfBlockList(user) ?? assert.fail(), watcher).looksOffline, true);
        }
      }
    });

    it(`${text}: stored by an older version, sealed into a route`, () => {
      for (const spelling of typed) assert.equal(canonicalAor(spelling.replace(/^sip:/, '')), aor);
      const seal = new RouteSeal([{ id: 1, key: new Uint8Array(32) }]);
      const route = {
        callId: '1',
        callerTag: '1',
        caller: { aor, flow: 'f', endpoint: '' },
        callee: { aor, flow: '', endpoint: '' },
        calledAs: aor,
      } as const;
      const token = sealFrontEndRoute(seal, route);
      assert.deepEqual(openFrontEndRoute(seal, token, { callId: '1', fromTag: '1', toTag: '2' }), route);
    });

    it(`${text}: headers and documents`, () => {
      assert.equal(uriOfAor(aor), written);
      assert.ok(parseSipUri(written).ok);
      assert.equal(presentityUri(aor), written);
      const watchers = [{ id: '1', uri: presentityUri(aor), status: 'active', event: 'subscribe' }] as const;
      const information = { version: 0, state: 'full', resource: written, event: 'presence', watchers } as const;
      const xml = latin1FromBytes(renderWatcherInformation(information));
      assert.match(xml, /^[\x20-\x7e\n]*$/);
      assert.equal(/<watcher [^>]*>([^<]*)<\/watcher>/.exec(xml)?.[1]?.replaceAll('&amp;', '&'), written);
    });

    it(`${text}: terminal and JSON`, () => {
      for (const shown of [printableOutput(`${text}\n`), printableOutput(jsonText({ identity: aor }))]) {
        assert.doesNotMatch(shown, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
        assert.ok(shown.includes(text) || shown.includes(JSON.stringify(text)));
      }
      const refused = failure('USER_UNKNOWN', { user: aor }).text;
      assert.ok(refused.includes(text));
    });

    if (mayBeOurs) {
      it(`${text}: digest, by every form of the user name`, async () => {
        const user = sampleUser({ aor });
        const sealer = new CredentialSealer(keys);
        const sealed = sealer.seal(user, 'pässword');
        const clock = new FakeClock();
        const cache = new CredentialCache(async () => new Map([[user.id, sealed]]), sealer);
        const authenticator = new DigestScheme(() => user, cache, new GuessLimiters(clock), ['MD5']);
        const name = aor.slice(0, aor.lastIndexOf('@'));
        const escaped = written.slice('sip:'.length);
        const forms = [name, aor, name.normalize('NFD'), escaped, escaped.slice(0, escaped.lastIndexOf('@'))];
        for (const form of forms) {
          for (const parameter of ['username', 'username*']) {
            const flow = new ConnectionFlow({ id: 'flow', remoteAddress: '192.0.2.1' } as Connection, side, clock);
            const why = failure('CREDENTIALS_REQUIRED');
            const [challenge = ''] = authenticator.challenges(flow, aor, { kind: 'challenge', stale: false, failure: why });
            const nonce = parseAuthentication(challenge)?.params.get('nonce') ?? '';
            const username = latin1FromUtf8(form);
            const given = {
              username,
              realm: 'contoso.test',
              nonce,
              uri: 'sip:contoso.test',
              response: '',
              algorithm: 'MD5',
            } as const;
            const ha1 = computeHa1('MD5', username, given.realm, latin1FromUtf8('pässword'));
            const response = computeDigestResponse(ha1, given, 'REGISTER');
            const shown =
              parameter === 'username' ? `"${username}"` : `UTF-8''${encodeURIComponent(form).replaceAll("'", '%27')}`;
            const credentials = [
              `Digest ${parameter}=${shown}, realm="contoso.test", nonce="${nonce}", uri="${given.uri}", response="${response}"`,
            ];
            const claim = { flow, aor, method: 'REGISTER', credentials };
            const verdict = authenticator.check(claim);
            const settled = verdict.kind === 'wait' ? await verdict.verdict : verdict;
            assert.equal(settled.kind, 'accepted', `${parameter} ${form}`);
          }
        }
      });
    }
  }
});

it('a presence document of a user with an unusual address can be read by others', () => {
  const uri = presentityUri(canonicalAor('a"<&>\u0007b@contoso.test'));
  assert.equal(uri, 'sip:a%22%3C&%3E%07b@contoso.test');
  const document = `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${uri.replaceAll('&', '&amp;')}"/>`;
  const parsed = parsePidf(new TextEncoder().encode(document));
  assert.ok(parsed.ok);
  assert.equal(parsed.value.entity, uri);
});
