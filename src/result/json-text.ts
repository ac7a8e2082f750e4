import { refuse } from '../errors.ts';

/** An answer as text. Its values are JSON already; only its length can still be wrong. @throws RequestError TOO_MANY_ELEMENTS */
export function jsonText(answer: unknown): string {
  try {
    return JSON.stringify(answer);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw refuse(
      'TOO_MANY_ELEMENTS',
      '#/reduction',
      'the answer would be longer than 512 MiB of JSON: ask for fewer tensors, or send input as base64',
    );
  }
}
