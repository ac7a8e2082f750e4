import { isIP } from 'node:net';
import { z } from 'zod';

export const digits = (lowest: number, highest: number) =>
  z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .refine((value) => value >= lowest && value <= highest);

export const between = (lowest: number, highest: number) => ({ description: `an integer from ${lowest} to ${highest}` });

export const integer = (lowest: number, highest: number, fallback: number) =>
  digits(lowest, highest).default(fallback).meta(between(lowest, highest));

/** Several values, separated by commas. */
export const list = (isAllowed: (one: string) => boolean) =>
  z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .refine((all) => all.every(isAllowed));

export function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.parse(text)?.origin === text;
}

// with a network of all addresses, every client could pass for a proxy
export function isNetwork(text: string): boolean {
  const [address, bits, ...more] = text.split('/');
  const length = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  return length > 0 && more.length === 0 && (bits === undefined || (/^[1-9]\d*$/.test(bits) && Number(bits) <= length));
}

export function isRedisUrl(url: string): boolean {
  return /^rediss?:\/\//.test(url) && URL.canParse(url);
}
