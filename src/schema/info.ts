import { z } from 'zod';
import { severity, warningCode } from './answer.ts';
import { problemCode } from './problem.ts';
import { kind, reductionName } from './request.ts';

export const info = z
  .strictObject({
    name: z.string(),
    version: z.string(),
    limits: z.strictObject({
      body_bytes: z.int().min(0),
      inline_body_bytes: z
        .int()
        .min(0)
        .meta({ description: 'Larger bodies, and those that need much work, are computed in a thread of their own.' }),
      batch_items: z.int().min(0),
      elements_per_tensor: z.int().min(0),
      explained_elements_per_tensor: z.int().min(0),
      rank: z.int().min(0),
    }),
    kernels: z.enum(['wasm-relaxed-simd', 'typescript']).meta({
      description: 'What computes large tensors: WebAssembly, or where this platform lacks relaxed SIMD, its definition in TypeScript.',
    }),
    kinds: z.array(
      z.strictObject({
        name: kind,
        meaning: z.string(),
        parameters: z
          .array(z.array(z.string()))
          .optional()
          .meta({ description: 'Of a family of distributions: one of each list must be given.' }),
        divergences: z.array(z.string()).optional().meta({ description: 'Those that are computed from the parameters.' }),
        formula: z.string().optional().meta({ description: 'KL from the parameters of P, ₁, and Q, ₂.' }),
        source: z.string().optional(),
      }),
    ),
    reductions: z.array(z.strictObject({ name: reductionName, value: z.string(), formula: z.string(), equivalent_to: z.string() })),
    divergences: z.array(
      z.strictObject({
        name: z.string(),
        parameter: z
          .strictObject({ name: z.string(), meaning: z.string(), default: z.number().optional() })
          .optional()
          .meta({ description: 'What stands behind the colon of the name.' }),
        meaning: z.string(),
        formula: z.string(),
        also_called: z.string(),
        base_applies: z.boolean(),
        has_none: z.boolean().meta({ description: 'Whether it is a plain sum of terms, so that the reduction `none` exists.' }),
      }),
    ),
    warnings: z.array(z.strictObject({ code: warningCode, severity, when: z.string() })),
    problems: z.array(
      z.strictObject({ code: problemCode, status: z.int().min(0), title: z.string(), remedy: z.string(), type: z.string() }),
    ),
  })
  .meta({ id: 'Info', description: 'The limits of this instance, and everything that it knows by name.' });

export const health = z.strictObject({ status: z.enum(['live', 'ready', 'draining']) }).meta({ id: 'Health' });
