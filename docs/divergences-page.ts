import { divergenceNames, isEstimate, isPlainSum, rowOf } from '../src/core/divergences/named-divergence.ts';
import { divergencesExamples } from '../src/http/openapi/divergences-examples.ts';
import { json, table } from './markdown.ts';

const names = divergenceNames.filter((name) => !isEstimate({ name }));

/** The page on several divergences. Its tables follow the table in src/core/divergences; its answer is computed. */
export function divergencesPage(): string {
  return `# Several divergences at once

\`POST /v1/divergences\` takes the request of [\`/v1/kl-divergence\`](api.md) and one field more:
\`divergences\`, a list of names. The default is \`["kl", "reverse_kl", "jeffreys", "jensen_shannon"]\`.
The service reads and normalises both tensors once, whatever the list holds. All options apply:
kinds, \`dim\`, \`weights\`, \`temperature\`, \`pseudocount\`, reductions, \`base\`, \`statistics\`,
\`strict\`. \`/v1/kl-divergence\` stays KL alone.

P is \`target\`, Q is \`input\`, as everywhere. Of distributions by their parameters,
[some divergences](closed-forms.md#divergences) have a closed form.

## The divergences

${table(
  ['Name', 'Of one distribution', 'What it is', 'Elsewhere'],
  names.map((name) => {
    const { formula, meaning, elsewhere } = rowOf({ name });
    return [spelling(name), formula, meaning, elsewhere];
  }),
)}

A name may have a parameter behind a colon:

${table(
  ['Name', 'Parameter', 'Without it'],
  names.flatMap((name) => {
    const { parameter } = rowOf({ name });
    if (parameter === undefined) return [];
    const { symbol, meaning, above, below, standard, instead } = parameter;
    const bounds = below === Number.POSITIVE_INFINITY ? `above ${above}` : `above ${above} and below ${below}`;
    const refused = Object.entries(instead).map(([value, other]) => `at ${value} it is refused: ask for \`${other}\``);
    return [
      [
        spelling(name),
        `${symbol}, ${meaning}, ${bounds}; ${refused.join('; ')}`,
        standard === undefined ? 'refused' : `${symbol} = ${standard}`,
      ],
    ];
  }),
)}

GKD in TRL and Liger define \`beta\` = 0 as \`kl\` and 1 as \`reverse_kl\`. The formula gives 0 at both
ends, so the service refuses them and names the divergence to ask for.

${table(
  ['Name', '`base`', '`none`', 'Infinite'],
  names.map((name) => {
    const { hasUnit, infiniteWhere } = rowOf({ name });
    const when =
      name === 'renyi' ? `${infinite[infiniteWhere(2)]} (α > 1); ${infinite[infiniteWhere(0.5)]} (α < 1)` : infinite[infiniteWhere(0.5)];
    return [`\`${name}\``, hasUnit ? 'applies' : 'does not apply: `null` in the answer', isPlainSum({ name }) ? 'yes' : 'no', when];
  }),
)}

The reduction \`none\` exists where the divergence is a plain sum of terms. Asking for it by name with
any other divergence is refused; \`"all"\` leaves it out there.

## From samples

\`k1\`, \`k2\` and \`k3\` estimate KL from the log-probabilities of samples, the kind
\`sampled_log_probs\`, and only from these: see [sampled tokens](sampled-tokens.md).

## A request and its answer

\`\`\`json
${json(divergencesExamples.requests().parameters.value)}
\`\`\`

Each entry of \`divergences\` stands under the name that the request has for it:

\`\`\`json
${json(divergencesExamples.answers().parameters.value)}
\`\`\`

## Formats

- **safetensors**: the names go into the query, \`?divergences=kl,renyi:0.5\`. In an answer as
  safetensors a tensor is called \`kl.per_distribution\`; the numbers stand in \`divergences\` in
  \`__metadata__\`.
- **Batch and stream**: \`POST /v1/divergences/batch\` takes what
  [\`/v1/kl-divergence/batch\`](batch-and-streaming.md) takes. \`defaults\` may hold \`divergences\`.
- **Open Inference Protocol**: each name is a [model](inference-protocol.md#models).

## Zeros, and digits near 0

An outcome that neither side has counts as 0. A divergence that is infinite by its definition is
\`"Infinity"\`, never NaN, with the warning \`INFINITE_DIVERGENCE\`, whose \`details\` name the divergence.
Warnings belong to the divergences of the list: the Jensen-Shannon divergence of distributions
without a common outcome is ln 2, and no warning says that KL is infinite.

For \`logits\` and \`counts\`, which the service normalises, every divergence keeps its digits where
both sides are nearly equal: logits that differ by 10⁻⁸ keep six digits. \`probs\` and \`log_probs\` are
used as they stand. There \`kl\`, \`reverse_kl\` and \`renyi\` rest on the masses, so the warnings
\`MASS_DIFFERENCE\` and \`NEGATIVE_DIVERGENCE\` apply to them. \`renyi\` divides by Σ P, as Rényi did for
masses below 1, so it is exactly 0 between equal sides.

## Large tensors

The WebAssembly kernel computes large tensors: ${namesOf(isInKernel)}.

[Benchmarks](benchmarks.md#how-fast-is-the-computation-alone) has what the four defaults take.

The definition in TypeScript computes everything else, some ten times slower:

- ${namesOf((name) => !isInKernel(name))}, which needs the logarithm of Q itself;
- every divergence of a request for the reduction \`none\`;
- distributions with zeros, masks, extremes or equal sides, and those that are nearly equal where a
  side is used as it stands, or where one side is logarithms and the other masses.
`;
}

function isInKernel(name: (typeof divergenceNames)[number]): boolean {
  return rowOf({ name }).kernelForm !== undefined;
}

function namesOf(isMeant: (name: (typeof divergenceNames)[number]) => boolean): string {
  return names
    .filter(isMeant)
    .map((name) => `\`${name}\``)
    .join(', ');
}

/** A name as a request spells it. */
function spelling(name: (typeof divergenceNames)[number]): string {
  const { parameter } = rowOf({ name });
  if (parameter === undefined) return `\`${name}\``;
  const full = `\`${name}:${parameter.symbol}\``;
  return parameter.standard === undefined ? full : `\`${name}\`, ${full}`;
}

const infinite = {
  only_target: 'P > 0 where Q = 0',
  only_input: 'Q > 0 where P = 0',
  either: 'one side is 0 where the other is not',
  disjoint: 'no outcome in common',
  never: 'never',
} as const;
