import type { z } from 'zod';

/**
 * Takes from what the document shows of a schema the bounds that zod gives to every integer: what a double holds exactly. They say nothing
 * about the field, unless its schema names them.
 */
export function withoutSafeBounds(schema: z.core.$ZodType, shown: { minimum?: number; maximum?: number }): void {
  const { def } = withoutOptional(schema)._zod;
  if (def.type !== 'number') return;
  const named = (def.checks ?? []).map(({ _zod }) => (_zod.def as { value?: unknown }).value);
  for (const [bound, value] of [
    ['minimum', Number.MIN_SAFE_INTEGER],
    ['maximum', Number.MAX_SAFE_INTEGER],
  ] as const)
    if (shown[bound] === value && !named.includes(value)) delete shown[bound];
}

function withoutOptional(schema: z.core.$ZodType): z.core.$ZodType {
  const { innerType } = schema._zod.def as { innerType?: z.core.$ZodType };
  return innerType === undefined ? schema : withoutOptional(innerType);
}
