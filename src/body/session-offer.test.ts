import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesFromLatin1 } from '../base/bytes.ts';
import { mayBringAudioVideo } from './session-offer.ts';

const sdp = (...media: readonly string[]) => ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', ...media, ''].join('\r\n');
const audio = 'm=audio 49170 RTP/AVP 0';
const messages = 'm=message 5060 sip null';

const rows: readonly (readonly [what: string, method: string, body: string, expected: boolean])[] = [
  ['a call with audio', 'INVITE', sdp(audio), true],
  ['a call with video', 'INVITE', sdp('m=video 49172/2 RTP/AVP 31'), true],
  ['audio behind messages', 'INVITE', sdp(messages, audio), true],
  ['lines that end with LF alone', 'INVITE', sdp(audio).replaceAll('\r', ''), true],
  ['another letter case', 'INVITE', sdp('m=Audio 49170 RTP/AVP 0'), true],
  ['a media line nobody can read', 'INVITE', sdp('m=audio'), true],
  ['a description in several parts', 'INVITE', `--x\r\nContent-Type: application/sdp\r\n\r\n${sdp(audio)}--x--\r\n`, true],
  ['no offer', 'INVITE', '', true],
  ['nothing that can be read', 'INVITE', '\x1f\x8b\x08', true],
  ['audio added later', 'UPDATE', sdp(audio), true],
  ['audio offered in a PRACK', 'PRACK', sdp(audio), true],
  ['messages alone', 'INVITE', sdp(messages), false],
  ['audio that is not wanted', 'INVITE', sdp(messages, 'm=audio 0 RTP/AVP 0'), false],
  ['another medium', 'INVITE', sdp('m=audiobook 5060 sip null'), false],
  ['the word in another line', 'INVITE', sdp('a=note m=audio 1', messages), false],
  ['an UPDATE without an offer', 'UPDATE', '', false],
  ['a PRACK without an offer', 'PRACK', '', false],
  ['a message about audio', 'MESSAGE', sdp(audio), false],
];

for (const [what, method, body, expected] of rows) {
  test(`${what}: ${expected ? 'may' : 'does not'} bring audio or video`, () =>
    assert.equal(mayBringAudioVideo({ method, body: bytesFromLatin1(body) }), expected));
}
