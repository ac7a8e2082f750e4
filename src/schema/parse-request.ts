import type { z } from 'zod';
import { closedDivergences } from '../core/closed-forms/closed-forms.ts';
import { isParametric, type ParametricKindName } from '../core/closed-forms/parametric-kinds.ts';
import { type SideName, sideNames, type TensorName } from '../core/comparison.ts';
import { estimateNames } from '../core/divergences/named-divergence.ts';
import type { TensorKindName } from '../core/kinds.ts';
import { type Fault, RequestError } from '../errors/request-error.ts';
import { foreignNames } from './foreign-names.ts';
import { refuseBinnedDivergences, refuseOpenDivergences, refuseUnlikeKinds, refuseUnlikeSamples } from './kind-rules.ts';
import { nearest } from './nearest.ts';
import { invalidField, parse, refuseListOrText } from './parse.ts';
import { type AnyKindName, klOptions, klRequest, requestFields } from './request.ts';
import { sampleFaults } from './sample-options.ts';

/** A request as it was sent, with the defaults that do not depend on its kinds. */
type Sent = z.infer<typeof klRequest> & AskedDivergences;

type SentOptions = z.infer<typeof klOptions> & AskedDivergences;

/** The axes that are filled in once the kinds are known. */
type Filled = { readonly dim: number | readonly number[] };

export type ParsedRequest = Omit<Sent, 'dim'> & Filled;

export type Options = Omit<SentOptions, 'dim'> & Filled;

/** Options of a request whose sides are tensors: distributions along an axis, or log-probabilities of samples. */
export type DenseOptions = Options & Readonly<Record<`${SideName}_kind`, TensorKindName>>;

/** Options of a request whose sides are samples. */
export type SampleOptions = Options & Readonly<Record<`${SideName}_kind`, 'samples'>>;

/** Options of a request whose sides are parameters of distributions, of one kind. */
export type ParametricOptions = Options & Readonly<Record<`${SideName}_kind`, ParametricKindName>>;

export function areParametric<Some extends Options>(options: Some): options is Some & ParametricOptions {
  return isParametric(options.input_kind);
}

export function areSamples<Some extends Options>(options: Some): options is Some & SampleOptions {
  return options.input_kind === 'samples';
}

/** What stands only in requests to endpoints that know it. */
export type AskedDivergences = { readonly divergences?: readonly string[] | undefined; readonly sampled_from?: SideName | undefined };

/** What the requests of an endpoint may hold. */
export type Contract = {
  readonly request: z.ZodType<Sent>;
  readonly options: z.ZodType<SentOptions>;
  readonly fields: readonly string[];
  /** What an endpoint for several divergences computes where the request names none. */
  readonly defaultDivergences?: readonly string[];
};

/** A request for KL. */
export const klContract: Contract = { request: klRequest, options: klOptions, fields: requestFields };

/** Options whose value may be a list. */
export const listOptions = ['dim', 'reduction', 'statistics', 'divergences', 'bins'];

/**
 * Checks the envelope of a request and fills in the defaults; the tensors pass through as they are.
 * @throws RequestError UNKNOWN_FIELD, INVALID_VALUE
 */
export function parseRequest(body: unknown, contract: Contract = klContract): ParsedRequest {
  return knownRequest(body, contract) ?? newRequest(body, contract);
}

type Fields = Readonly<Partial<Record<string, unknown>>>;

/** Options as they were sent, and what they came to. */
type KnownOptions = { readonly sent: Fields; readonly options: Options };

/** The options of the last request. Mostly the next request has the same, and checking them takes as long as computing a small request. */
const lastOptions = new WeakMap<Contract, KnownOptions>();

/** The options of the last request that came without its tensors, as in the query of safetensors. */
const lastAlone = new WeakMap<Contract, KnownOptions>();

function newRequest(body: unknown, contract: Contract): ParsedRequest {
  const { request, fields } = contract;
  refuseListOrText(body, 'send {"input": …, "target": …}, and several of them as {"items": […]} to POST …/batch');
  const parsed = completeOptions(
    parse(request, body, listOptions, (key) => unknownFieldHint(key, fields)),
    contract,
  );
  lastOptions.set(contract, { sent: withoutTensors(body as Fields), options: withoutTensors(parsed) });
  return parsed;
}

/** A request whose options are those of the last, with its own tensors; undefined for any other. Lists are not compared. */
function knownRequest(body: unknown, contract: Contract): ParsedRequest | undefined {
  const known = lastOptions.get(contract);
  if (known === undefined || typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const { input, target, weights, ...sent } = body as Fields;
  if (input === undefined || target === undefined || !isSame(sent, known.sent)) return undefined;
  return weights === undefined ? { ...known.options, input, target } : { ...known.options, input, target, weights };
}

/** Whether two objects from JSON have the same members. Members that are lists or objects are compared by identity. */
function isSame(some: Fields, others: Fields): boolean {
  for (const name in some) if (some[name] === undefined || !Object.is(some[name], others[name])) return false;
  for (const name in others) if (!Object.hasOwn(some, name)) return false;
  return true;
}

function withoutTensors<Some extends { readonly [Name in TensorName]?: unknown }>(all: Some): Omit<Some, TensorName> {
  const { input: _, target: __, weights: ___, ...others } = all;
  return others;
}

/**
 * Checks the options of a request whose tensors stand elsewhere, and fills in the defaults.
 * @throws RequestError UNKNOWN_FIELD, INVALID_VALUE
 */
export function parseOptions(given: Readonly<Record<string, unknown>>, contract: Contract = klContract): Options {
  const known = lastAlone.get(contract);
  if (known !== undefined && isSame(given, known.sent)) return { ...known.options };
  const parsed = completeOptions(
    parse(contract.options, given, listOptions, (key) => unknownFieldHint(key, contract.fields)),
    contract,
  );
  lastAlone.set(contract, { sent: { ...given }, options: { ...parsed } });
  return parsed;
}

/** Options that mean something for some kinds only: the value that changes nothing, and what the others do. */
const ofSomeKinds: Readonly<
  Record<'temperature' | 'pseudocount' | 'sampled_from', { without: number | undefined; kinds: readonly AnyKindName[]; does: string }>
> = {
  temperature: { without: 1, kinds: ['logits'], does: 'divides logits' },
  pseudocount: { without: 0, kinds: ['counts', 'samples'], does: 'is added to counts' },
  sampled_from: { without: undefined, kinds: ['sampled_log_probs'], does: 'names the model that samples are from' },
};

const optionsOfSomeKinds = Object.keys(ofSomeKinds) as (keyof typeof ofSomeKinds)[];

/**
 * Returns options that go together, with `dim` and the divergences filled in where the request names none.
 * @throws RequestError INVALID_VALUE for options of another kind, for parametric kinds that differ, for samples on one side only, or for
 * divergences that the kind does not have
 */
export function completeOptions<Some extends SentOptions>(options: Some, { defaultDivergences }: Contract): Omit<Some, 'dim'> & Filled {
  const { target_kind: kind, divergences, dim, estimator } = options;
  refuseOfOtherKinds(options);
  refuseUnlikeKinds(options);
  const areLogProbs = refuseUnlikeSamples(options, defaultDivergences !== undefined);
  if (isParametric(kind) && divergences !== undefined) refuseOpenDivergences(kind, divergences);
  if (estimator === 'knn' && divergences !== undefined) refuseBinnedDivergences(divergences);
  const filled = { ...options, dim: dim ?? (areLogProbs ? [] : -1) };
  if (defaultDivergences === undefined || divergences !== undefined) return filled;
  return { ...filled, divergences: defaultsOf(options) ?? defaultDivergences };
}

/** What is computed where a request names no divergence; undefined where that is up to the endpoint. */
function defaultsOf({ target_kind: kind, estimator }: SentOptions): readonly string[] | undefined {
  if (kind === 'sampled_log_probs') return estimateNames;
  return isParametric(kind) || estimator === 'knn' ? closedDivergences : undefined;
}

/** @throws RequestError INVALID_VALUE for a temperature of numbers that are no logits, a pseudocount of no counts, bins of no samples */
function refuseOfOtherKinds(options: SentOptions): void {
  const ofOthers = optionsOfSomeKinds
    .filter((option) => options[option] !== ofSomeKinds[option].without)
    .flatMap((option) =>
      sideNames
        .filter((name) => !ofSomeKinds[option].kinds.includes(options[`${name}_kind`]))
        .map((name) => otherKindFault(option, name, options[`${name}_kind`])),
    );
  const faults = [...ofOthers, ...sampleFaults(options)];
  if (faults.length > 0) throw new RequestError(faults);
}

function otherKindFault(option: keyof typeof ofSomeKinds, name: SideName, given: AnyKindName): Fault {
  const { kinds, does } = ofSomeKinds[option];
  const detail = `${option} ${does}, but ${name}_kind is ${given}: send the ${kinds[0]} of both sides, or leave ${option} out`;
  return invalidField(option, detail);
}

/** What may be meant by a name that is none of `fields`. */
export function unknownFieldHint(key: string, fields: readonly string[]): string {
  return likelyMeant(key, fields) ?? `the fields are ${fields.join(', ')}`;
}

/** What a name that is none of `fields` most likely means; undefined if nothing is near. */
export function likelyMeant(key: string, fields: readonly string[]): string | undefined {
  const name = key.toLowerCase();
  if (Object.hasOwn(foreignNames, name)) return foreignNames[name];
  const near = nearest(key, fields);
  return near === undefined ? undefined : `did you mean ${near}?`;
}
