import { divergenceNames, isEstimate, type NamedDivergence, parseDivergence, rowOf } from '../../core/divergences/named-divergence.ts';
import { refuse } from '../../errors/request-error.ts';
import { describeValue } from '../../errors/wording.ts';

/** The models: KL by the kernel, and each divergence by its name. */
export const modelNames = ['kl_div', ...divergenceNames] as const;

export type ModelName = (typeof modelNames)[number];

/** The only version of each. */
export const modelVersion = '1';

/**
 * The divergence that a request to a model means; undefined for `kl_div`.
 * @throws RequestError INVALID_VALUE for a parameter of the divergence that is missing or out of bounds
 */
export function divergenceOf(model: ModelName, parameters: Readonly<Record<string, unknown>>): NamedDivergence | undefined {
  if (model === 'kl_div') return undefined;
  const name = parameterOf(model);
  const value = name !== undefined && Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  const { parameter } = rowOf({ name: model });
  if (value === undefined && parameter !== undefined && parameter.standard === undefined) {
    const { symbol, meaning } = parameter;
    throw refuse('INVALID_VALUE', `#/parameters/${name}`, `${model} needs ${symbol}, ${meaning}, as the parameter ${name}: 2, say`);
  }
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : describeValue(value);
  const divergence = parseDivergence(value === undefined ? model : `${model}:${text}`);
  if (typeof divergence !== 'string') return divergence;
  throw refuse('INVALID_VALUE', name === undefined ? '#' : `#/parameters/${name}`, divergence);
}

/** The parameters of the divergence that is a model: `alpha` or `beta`, or of an estimate where its samples are from. */
export function ownParametersOf(model: ModelName): readonly string[] {
  if (model !== 'kl_div' && isEstimate({ name: model })) return ['sampled_from'];
  return [parameterOf(model)].filter((name) => name !== undefined);
}

/** The parameter behind the colon of the divergence that is a model, `alpha` or `beta`. */
function parameterOf(model: ModelName): string | undefined {
  return model === 'kl_div' ? undefined : rowOf({ name: model }).parameter?.name;
}
