import type { FastifyRequest } from 'fastify';
import { maxItems } from '../../schema/batch.ts';
import { contentCodingOf } from '../headers/content-coding.ts';
import { type BodyFormat, mediaTypes } from './content-type.ts';

declare module 'fastify' {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface merges with Fastify's
  interface FastifyContextConfig {
    /** How many elements each tensor of a body has at most, by its bytes, unless it is safetensors. Only routes that compute have it. */
    readonly elementsIn?: (bytes: number) => number;
  }
}

/** An element takes a digit and a comma in each of two tensors. Two numbers of float16, too, take 4 bytes. */
export const elementsInText = (bytes: number) => bytes / 4;

/** An element takes two integers of one byte. */
export const elementsInBinary = (bytes: number) => bytes / 2;

/** An item takes `{},` where both tensors are shared, and has as many elements as the rest of the body holds. */
export function elementsInBatch(bytes: number): number {
  const items = Math.min(maxItems, bytes / 6);
  return Math.max(1, items) * elementsInText(bytes - 3 * items);
}

/** How many elements a body may have; the limits as in the configuration. */
export type ElementLimits = { readonly maxElements: number; readonly bodyLimitBytes: number };

/**
 * Returns how many elements each tensor of a request has at most, as far as its headers tell: by its length, or the limit if the length or
 * what it decompresses to is unknown. 0 for a request that computes nothing, and for a stream, which is asked block by block.
 */
export function mostElements({ headers, routeOptions }: FastifyRequest, { maxElements, bodyLimitBytes }: ElementLimits): number {
  const { elementsIn, formats } = routeOptions.config ?? {};
  const isSent = (format: BodyFormat) => formats?.includes(format) && mediaTypes[format].includes(mediaTypeOf(headers['content-type']));
  if (elementsIn === undefined || isSent('lines')) return 0;
  const isLengthKnown = contentCodingOf(headers) === undefined && headers['content-length'] !== undefined;
  const bytes = isLengthKnown ? Number(headers['content-length']) : bodyLimitBytes;
  const most = isSent('safetensors') ? elementsInBinary(bytes) : elementsIn(bytes);
  return Math.min(maxElements, Math.ceil(most));
}

function mediaTypeOf(contentType = ''): string {
  return contentType.split(';', 1)[0].trim().toLowerCase();
}
