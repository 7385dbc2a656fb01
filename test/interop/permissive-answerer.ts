import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A SIP server over UDP as scanners like them. */
export interface PermissiveAnswerer {
  readonly port: number;
  close(): void;
}

/** Says its name and version, 404 for whoever it does not know, and asks only those it knows to prove who they are. */
export async function startPermissiveAnswerer(software: string, users: readonly string[]): Promise<PermissiveAnswerer> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.on('message', (datagram, { address, port }) => {
    const request = datagram.toString('latin1');
    if (request.startsWith('ACK ')) return;
    const user = /^To: .*<sip:([^@]*)@/m.exec(request)?.[1] ?? '';
    const status = users.includes(user) ? '401 Unauthorized' : '404 Not Found';
    const repeated = request.split('\r\n').filter(line => /^(Via|From|Call-ID|CSeq|To):/.test(line));
    const challenge = 'WWW-Authenticate: Digest realm="old.test", nonce="abc", algorithm=MD5';
    const lines = [`SIP/2.0 ${status}`, ...repeated, `Server: ${software}`, challenge, 'Content-Length: 0'];
    socket.send(`${lines.join('\r\n')}\r\n\r\n`, port, address);
  });
  return { port: socket.address().port, close: () => socket.close() };
}
