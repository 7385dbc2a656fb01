import { readFileSync } from 'node:fs';
import { connect, createServer, type TLSSocket } from 'node:tls';

/**
 * The least that a server in Node can do with this traffic, the yardstick of the benchmark: TLS in, framing by the empty line and
 * Content-Length, TLS out. A connection says once who it is and where everything it sends goes.
 */
interface RelayOrder {
  readonly host: string;
  readonly port: number;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly caFile: string;
  /** The other relay: which of the two waits for the link and which opens it. */
  readonly link: { readonly role: 'listen' | 'connect'; readonly host: string; readonly port: number };
}

/** In front of every frame on the link: the number of the connection it is for. */
const linkPrefix = 8;
const crlfcrlf = Buffer.from('\r\n\r\n');
const contentLength = Buffer.from('Content-Length: ');
const greeting = Buffer.from('PAIR ');
const accepted = Buffer.from('SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n');

const order = JSON.parse(process.argv[2] ?? '') as RelayOrder;
const credentials = {
  cert: readFileSync(order.certificateFile),
  key: readFileSync(order.keyFile),
  ca: readFileSync(order.caFile),
};
const users = new Map<number, TLSSocket>();
let link: TLSSocket | undefined;

function serveUser(socket: TLSSocket): void {
  let number = -1;
  let partner = -1;
  let prefix = Buffer.alloc(0);
  serve(socket, 0, frame => {
    if (frame.subarray(0, greeting.length).equals(greeting)) {
      [, number = -1, partner = -1] = frame.toString('latin1', 0, frame.indexOf(13)).split(' ').map(Number);
      prefix = Buffer.from(String(partner).padStart(linkPrefix, '0'));
      users.set(number, socket);
      socket.write(accepted);
      return;
    }
    const to = users.get(partner);
    if (to !== undefined) to.write(frame);
    else link?.write(Buffer.concat([prefix, frame]));
  });
  socket.on('close', () => {
    if (users.get(number) === socket) users.delete(number);
  });
}

function serveLink(socket: TLSSocket): void {
  link = socket;
  serve(socket, linkPrefix, frame => {
    users.get(Number(frame.toString('latin1', 0, linkPrefix)))?.write(frame.subarray(linkPrefix));
  });
  socket.on('close', () => {
    link = undefined;
  });
}

function serve(socket: TLSSocket, headStart: number, take: (frame: Buffer) => void): void {
  let rest: Buffer | undefined;
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    const data = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (;;) {
      const headEnd = data.indexOf(crlfcrlf, at + headStart);
      if (headEnd === -1) break;
      const length = data.indexOf(contentLength, at) + contentLength.length;
      const end = headEnd + 4 + Number.parseInt(data.toString('latin1', length, length + 8), 10);
      if (end > data.length) break;
      take(data.subarray(at, end));
      at = end;
    }
    rest = at === data.length ? undefined : data.subarray(at);
  });
}

createServer(credentials, serveUser).listen({ host: order.host, port: order.port, backlog: 1024 });
const { role, ...at } = order.link;
if (role === 'listen') createServer({ ...credentials, requestCert: true, rejectUnauthorized: true }, serveLink).listen(at);
else serveLink(connect({ ...at, ...credentials, checkServerIdentity: () => undefined }));
