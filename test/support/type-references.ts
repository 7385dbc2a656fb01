import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = new URL('../../', import.meta.url);
const compiler = fileURLToPath(new URL('node_modules/typescript/lib/tsc.js', root));

/** A place where a symbol is used: the file as a path from the root of the project, and its line, counted from 1. */
export interface Use {
  readonly file: string;
  readonly line: number;
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly items?: readonly unknown[] };
  readonly result?: unknown;
}

/** The compiler's language server: it knows what a name means, where a search for the text does not. */
export class TypeReferences {
  readonly #server: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #opened = new Map<string, string>();
  #input = Buffer.alloc(0);
  #id = 0;

  private constructor() {
    this.#server = spawn(process.execPath, [compiler, '--lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#server.stdout?.on('data', (bytes: Buffer) => this.#read(bytes));
  }

  static async start(): Promise<TypeReferences> {
    const references = new TypeReferences();
    const folder = { uri: root.href, name: 'project' };
    await references.#ask('initialize', {
      processId: process.pid,
      rootUri: root.href,
      capabilities: {},
      workspaceFolders: [folder],
    });
    references.#send({ method: 'initialized', params: {} });
    return references;
  }

  stop(): void {
    this.#server.kill();
  }

  /** Where the name that stands at `offset` of a file is used, its declaration left out. */
  async of(file: string, offset: number): Promise<readonly Use[]> {
    const before = this.#open(file).slice(0, offset);
    const position = { line: before.split('\n').length - 1, character: offset - (before.lastIndexOf('\n') + 1) };
    const textDocument = { uri: new URL(file, root).href };
    const { result } = await this.#ask('textDocument/references', {
      textDocument,
      position,
      context: { includeDeclaration: false },
    });
    const places = (result ?? []) as readonly {
      readonly uri: string;
      readonly range: { readonly start: { readonly line: number } };
    }[];
    return places.map(({ uri, range }) => ({ file: uri.slice(root.href.length), line: range.start.line + 1 }));
  }

  #open(file: string): string {
    let text = this.#opened.get(file);
    if (text !== undefined) return text;
    const url = new URL(file, root);
    this.#opened.set(file, (text = readFileSync(url, 'utf8')));
    const textDocument = { uri: pathToFileURL(fileURLToPath(url)).href, languageId: 'typescript', version: 1, text };
    this.#send({ method: 'textDocument/didOpen', params: { textDocument } });
    return text;
  }

  #ask(method: string, params: object): Promise<Answer> {
    const id = ++this.#id;
    this.#send({ id, method, params });
    return new Promise(resolve => this.#waiting.set(id, resolve));
  }

  #send(message: object): void {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.#server.stdin?.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
  }

  #read(bytes: Buffer): void {
    this.#input = Buffer.concat([this.#input, bytes]);
    for (;;) {
      const headEnd = this.#input.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#input.toString('latin1', 0, headEnd))?.[1]);
      const end = headEnd + 4 + length;
      if (this.#input.length < end) return;
      const message = JSON.parse(this.#input.toString('utf8', headEnd + 4, end)) as Answer;
      this.#input = this.#input.subarray(end);
      this.#take(message);
    }
  }

  #take({ id, method, params, ...rest }: Answer): void {
    if (id === undefined) return;
    // what it asks for, settings for instance, we have none of
    if (method !== undefined) return this.#send({ id, result: params?.items?.map(() => null) ?? null });
    this.#waiting.get(id)?.(rest);
    this.#waiting.delete(id);
  }
}
