import { emptyState, type State } from './state.ts';

/** Longest fragment of a link: mail programs and chats cut longer ones. */
export const maxLinkLength = 16_000;

const begin = '#state=';

/** Returns the fragment that holds a state: JSON, compressed, in base64 for URLs. Undefined where files are attached, or it is too long. */
export async function fragmentOf(state: State): Promise<string | undefined> {
  if (Object.keys(state.attached).length > 0) return undefined;
  const { attached: _, ...kept } = state;
  const bytes = await through(new CompressionStream('deflate-raw'), new TextEncoder().encode(JSON.stringify(kept)));
  const fragment = begin + toBase64(bytes);
  return fragment.length > maxLinkLength ? undefined : fragment;
}

/** Returns the state that a fragment holds, or undefined where it holds none. */
export async function stateOf(fragment: string): Promise<State | undefined> {
  if (!fragment.startsWith(begin)) return undefined;
  try {
    const bytes = await through(new DecompressionStream('deflate-raw'), fromBase64(fragment.slice(begin.length)));
    const { texts, options, ...view } = JSON.parse(new TextDecoder().decode(bytes)) as Partial<State>;
    return {
      texts: { ...emptyState.texts, ...onlyTexts(texts) },
      attached: {},
      options: onlyTexts(options),
      shown: typeof view.shown === 'string' ? view.shown : emptyState.shown,
      distribution: Number.isInteger(view.distribution) ? Number(view.distribution) : 0,
      sorted: view.sorted === true,
      logarithmic: view.logarithmic === true,
    };
  } catch {
    return undefined;
  }
}

/** A link may come from anywhere: what is no text in it is left out. */
function onlyTexts(texts: Readonly<Record<string, unknown>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

async function through(stream: CompressionStream | DecompressionStream, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

function toBase64(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
}
