import { readSafetensors } from '../files/safetensors.ts';
import { numbersOf } from '../tensors/dtype.ts';
import type { Info, Problem } from './answers.ts';
import { pause } from './pause.ts';

const safetensorsType = 'application/vnd.safetensors';

/** The answer of a request that the service refused or that did not reach it. */
export class Refusal extends Error {
  readonly problem: Problem;
  /** How long a service without room wants to be left alone. */
  readonly retryAfterMs: number | undefined;
  constructor(problem: Problem, retryAfter: string | null = null) {
    super(problem.detail);
    this.problem = problem;
    this.retryAfterMs = problem.status === 503 && retryAfter !== null ? 1000 * Number(retryAfter) : undefined;
  }
}

export type Progress = (share: number) => void;

type Sent = {
  readonly body: string | Blob;
  readonly signal: AbortSignal;
  /** Is told how much of the request has been sent and how much of its answer has come, together from 0 to 1. */
  readonly onProgress?: Progress;
};

/** The key that goes with each request. It is kept nowhere else. */
let key = '';

export function useKey(entered: string): void {
  key = entered.trim();
}

export const hasKey = (): boolean => key !== '';

/** The header that a request carries where a key was entered. */
export const keyHeaders = (): Record<string, string> => (key === '' ? {} : { 'X-API-Key': key });

/** Returns what the service is and knows. @throws Refusal */
export async function getInfo(): Promise<Info> {
  return (await exchange('GET', '/v1/info', { body: '', signal: new AbortController().signal })) as Info;
}

/** How often a request is sent again that the service has no room for. */
const mostRetries = 4;

/**
 * Returns the answer to a request: of bytes, which are safetensors, with its tensors among its results. A service without room is asked
 * again when it says. @throws Refusal, and the reason of the signal as soon as it is aborted
 */
export async function post<Answer>(path: string, sent: Sent): Promise<Answer> {
  for (let retries = 0; ; retries++) {
    try {
      return (await exchange('POST', path, sent)) as Answer;
    } catch (error) {
      if (!(error instanceof Refusal) || error.retryAfterMs === undefined || retries === mostRetries) throw error;
      await pause(error.retryAfterMs, sent.signal);
    }
  }
}

// fetch does not say how much of a body has been sent
function exchange(method: string, path: string, { body, signal, onProgress }: Sent): Promise<unknown> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    request.open(method, path);
    request.responseType = 'arraybuffer';
    for (const [name, value] of Object.entries(keyHeaders())) request.setRequestHeader(name, value);
    if (method === 'POST') request.setRequestHeader('Content-Type', typeof body === 'string' ? 'application/json' : safetensorsType);
    if (typeof body !== 'string') request.setRequestHeader('Accept', safetensorsType);
    const report = (event: ProgressEvent, from: number) =>
      onProgress?.(from + (event.lengthComputable ? event.loaded / event.total / 2 : 0));
    if (onProgress !== undefined) {
      request.upload.addEventListener('progress', (event) => report(event, 0));
      request.addEventListener('progress', (event) => report(event, 0.5));
    }
    request.addEventListener('error', () => reject(new Refusal(unreachable)));
    request.addEventListener('load', () => {
      try {
        resolve(contentOf(request));
      } catch (error) {
        reject(error);
      }
    });
    signal.addEventListener('abort', () => {
      request.abort();
      reject(signal.reason);
    });
    request.send(method === 'GET' ? null : body);
  });
}

export const unreachable: Problem = {
  type: '',
  title: 'The service cannot be reached',
  status: 0,
  code: 'UNREACHABLE',
  detail: 'No answer came. Is the service running, and the network up?',
  errors: [],
  error_count: 0,
};

function contentOf(request: XMLHttpRequest): unknown {
  const bytes = new Uint8Array(request.response as ArrayBuffer);
  const isBinary = request.getResponseHeader('Content-Type')?.includes('safetensors') === true;
  if (isBinary && request.status === 200) return fromSafetensors(bytes);
  const text = new TextDecoder().decode(bytes);
  if (request.status !== 200) throw refusalOf(request.status, text, request.getResponseHeader('Retry-After'));
  return JSON.parse(text);
}

/** Returns the refusal that an answer is: the problem in its body, or its status where something else than the service answered. */
export function refusalOf(status: number, body: string, retryAfter: string | null): Refusal {
  const bare: Problem = {
    type: '',
    title: `Status ${status}`,
    status,
    code: '',
    detail: `The answer has the status ${status}, and does not say why. What stands before the service may have sent it.`,
    errors: [],
    error_count: 0,
  };
  return new Refusal({ ...bare, ...problemIn(body) }, retryAfter);
}

function problemIn(body: string): Partial<Problem> | undefined {
  try {
    const value = JSON.parse(body) as Partial<Problem> | null;
    return typeof value?.detail === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Returns an answer in safetensors as if it were JSON: its members stand in the metadata, its tensors are results. */
function fromSafetensors(bytes: Uint8Array): unknown {
  const { tensors, metadata } = readSafetensors(bytes);
  const members = Object.fromEntries(Object.entries(metadata).map(([name, text]) => [name, JSON.parse(text)]));
  const results = Object.fromEntries([...tensors].map(([name, tensor]) => [name, { shape: tensor.shape, data: numbersOf(tensor) }]));
  return { ...members, results: { ...members.results, ...results } };
}
