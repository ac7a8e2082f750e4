import type { TestContext } from 'node:test';

export type Answer =
  | { readonly status: number; readonly type: string; readonly body: Uint8Array; readonly retryAfter?: string }
  | 'unreachable';

export const json = (status: number, value: unknown, retryAfter?: string): Answer => ({
  status,
  type: 'application/json',
  body: new TextEncoder().encode(JSON.stringify(value)),
  ...(retryAfter === undefined ? {} : { retryAfter }),
});

/** Has a stand-in for the XMLHttpRequest of browsers answer one request after another, and returns what was sent. */
export function answering(t: TestContext, ...answers: readonly Answer[]): string[] {
  const sent: string[] = [];
  class Exchange extends EventTarget {
    readonly upload = new EventTarget();
    readonly #headers: string[] = [];
    #line = '';
    status = 0;
    response: ArrayBufferLike | undefined;
    #answer: Answer = 'unreachable';

    open(method: string, path: string): void {
      this.#line = `${method} ${path}`;
    }
    setRequestHeader(name: string, value: string): void {
      this.#headers.push(`${name}: ${value}`);
    }
    getResponseHeader(name: string): string | null {
      const { type, retryAfter = null } = this.#answer as Exclude<Answer, 'unreachable'>;
      return name === 'Content-Type' ? type : retryAfter;
    }
    abort(): void {}
    send(): void {
      this.#answer = answers[sent.length];
      sent.push([this.#line, ...this.#headers].join(', '));
      const progress = (loaded: number) => Object.assign(new Event('progress'), { lengthComputable: true, loaded, total: 10 });
      this.upload.dispatchEvent(progress(10));
      if (this.#answer === 'unreachable') {
        this.dispatchEvent(new Event('error'));
        return;
      }
      this.status = this.#answer.status;
      this.response = Uint8Array.from(this.#answer.body).buffer;
      this.dispatchEvent(progress(10));
      this.dispatchEvent(new Event('load'));
    }
  }
  const global = globalThis as { XMLHttpRequest?: unknown };
  global.XMLHttpRequest = Exchange;
  t.after(() => {
    delete global.XMLHttpRequest;
  });
  return sent;
}
