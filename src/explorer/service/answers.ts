/** What the service answers, as far as the page reads it. */
type JsonNumber = number | 'Infinity' | '-Infinity' | 'NaN';

export type Warning = {
  readonly code: string;
  readonly severity: 'info' | 'warning';
  readonly pointer: string;
  readonly message: string;
  readonly details: { readonly indices?: readonly (readonly number[])[] } & Readonly<Record<string, unknown>>;
};

export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[];
  readonly error_count: number;
};

export type Statistics = {
  readonly count: number;
  readonly infinite: number;
  readonly mean: JsonNumber;
  readonly standard_error: JsonNumber | null;
  readonly minimum: JsonNumber;
  readonly maximum: JsonNumber;
  readonly quantiles: readonly { readonly quantile: number; readonly value: JsonNumber }[];
  readonly largest: readonly { readonly index: readonly number[]; readonly value: JsonNumber }[];
  readonly top_1_agreement?: Agreement;
  /** How far quantiles may be off, relative to their values, where the divergences were not kept one by one. */
  readonly quantile_error?: number;
};

type Agreement = { readonly share: number; readonly standard_error: JsonNumber | null };

/** A tensor as JSON has it, or as safetensors did. */
type Results = Readonly<Record<string, unknown>>;

type Frame = {
  readonly shape: readonly number[];
  readonly dim: readonly number[];
  readonly distributions: number;
  readonly support_size: number;
  readonly divisors: Readonly<Record<string, number>>;
  readonly warnings: readonly Warning[];
  readonly bins?: {
    readonly edges?: readonly JsonNumber[];
    readonly categories?: readonly string[];
    readonly counts: Readonly<Record<'input' | 'target', unknown>>;
    readonly missing?: Readonly<Record<'input' | 'target', unknown>>;
  };
};

/** Of one distribution a number, of several a tensor. */
type Sampling = {
  readonly input_size: unknown;
  readonly target_size: unknown;
  readonly p_value: unknown;
  readonly expected_by_chance?: unknown;
  readonly chance_bound?: unknown;
};

export type KlAnswer = Frame & {
  readonly results: Results;
  readonly base: 'e' | number;
  readonly direction: string;
  readonly statistics?: Statistics;
  readonly sampling?: Sampling;
  readonly outcomes?: unknown;
};

export type FamilyAnswer = Frame & {
  readonly divergences: Readonly<
    Record<
      string,
      {
        readonly results: Results;
        readonly direction: string;
        readonly base: 'e' | number | null;
        readonly sampling?: Sampling;
        readonly statistics?: Statistics;
      }
    >
  >;
  /** What does not depend on the divergence. */
  readonly statistics?: { readonly top_1_agreement?: Agreement };
};

export type Explanation = Frame & {
  readonly steps: Readonly<Record<string, { readonly formula: string; readonly value: unknown } | undefined>>;
  readonly conventions: readonly {
    readonly library: string;
    readonly expression: string;
    readonly note: string;
    readonly value: unknown;
  }[];
  readonly closed_form?: { readonly kind: string; readonly formula: string; readonly source: string };
};

export type Info = {
  readonly version: string;
  readonly limits: { readonly elements_per_tensor: number; readonly explained_elements_per_tensor: number; readonly body_bytes: number };
  readonly kinds: readonly {
    readonly name: string;
    readonly meaning: string;
    readonly divergences?: readonly string[];
    readonly parameters?: readonly (readonly string[])[];
  }[];
  readonly reductions: readonly {
    readonly name: string;
    readonly value: string;
    readonly formula: string;
    readonly equivalent_to: string;
  }[];
  readonly divergences: readonly {
    readonly name: string;
    readonly parameter?: { readonly name: string; readonly default?: number };
    readonly meaning: string;
    readonly formula: string;
    readonly also_called: string;
  }[];
  readonly problems: readonly { readonly code: string; readonly remedy: string }[];
};
