import type { FastifyRequest } from 'fastify';
import { mediaTypes } from './content-type.ts';

declare module 'fastify' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface merges with Fastify's
  interface FastifyContextConfig {
    /** The fewest bytes of a body that hold an element, a number of each tensor. Only routes that compute bodies have it. */
    readonly elementBytes?: number;
  }
}

/** `[1,2]`: a digit and a comma, in each of two tensors. Two halves of float16, too, take as much. */
export const textElementBytes = 4;

/** Two integers of one byte. */
export const binaryElementBytes = 2;

/** How many elements a body may have; the limits as in the configuration. */
export type ElementLimits = { readonly maxElements: number; readonly bodyLimitBytes: number };

/**
 * Returns how many elements each tensor of a request has at most, as far as its headers tell: by its length, or the limit if the length or
 * what it decompresses to is unknown. 0 for a request that computes nothing, and for a stream, which is asked block by block.
 */
export function mostElements({ headers, routeOptions }: FastifyRequest, { maxElements, bodyLimitBytes }: ElementLimits): number {
  const { elementBytes, formats } = routeOptions.config ?? {};
  if (elementBytes === undefined || (formats?.includes('lines') && isLines(headers['content-type']))) return 0;
  const coding = headers['content-encoding']?.toLowerCase() ?? 'identity';
  const isLengthKnown = coding === 'identity' && headers['content-length'] !== undefined;
  const bytes = isLengthKnown ? Number(headers['content-length']) : bodyLimitBytes;
  return Math.min(maxElements, Math.ceil(bytes / elementBytes));
}

function isLines(contentType = ''): boolean {
  return mediaTypes.lines.includes(contentType.split(';', 1)[0].trim().toLowerCase());
}
