import { closedDivergences, hasTerms } from '../src/core/closed-forms/closed-forms.ts';
import { parametricKind, parametricKindNames } from '../src/core/closed-forms/parametric-kinds.ts';
import { table } from './markdown.ts';

const code = (text: string) => `\`${text}\``;

/** The page on distributions by their parameters. Its tables follow the table in src/core/closed-forms. */
export function closedFormsPage(): string {
  return `# Distributions by their parameters

KL between two normal distributions follows from their means and variances. Say which family both
sides are of in \`input_kind\` and \`target_kind\`, and send parameters in place of tensors. The names
are those of \`torch.distributions\`:

\`\`\`json
{
  "target_kind": "normal",
  "input_kind": "normal",
  "target": { "loc": [[0.5, -1.0], [0.0, 2.0]], "scale": [[1.0, 1.05], [1.6, 0.6]] },
  "input": { "loc": 0, "scale": 1 },
  "reduction": ["none", "per_distribution", "distribution_mean"]
}
\`\`\`

\`dim\`, [\`weights\`](weights.md), reductions, \`base\`, [\`statistics\`](api.md#statistics) and \`strict\`
apply as elsewhere. So does [\`explain\`](api.md#explain), which shows the formula, its source, and what
PyTorch answers. Options of other kinds, such as \`temperature\` and \`pseudocount\`, are refused. P is
\`target\`, Q is \`input\`. [KL of a VAE](vae.md) has the most frequent case with PyTorch beside it.

## The kinds

${table(
  ['Kind', 'Parameters', 'They are'],
  parametricKindNames.map((name) => {
    const { choices, meaning } = parametricKind(name);
    return [code(name), choices.map((choice) => choice.map(code).join(' or ')).join(', '), meaning];
  }),
)}

${table(
  ['Parameter', 'Of', 'Expected'],
  parametricKindNames.flatMap((name) =>
    Object.entries(parametricKind(name).parameters).map(([parameter, { expected }]) => [code(parameter), code(name), expected]),
  ),
)}

A \`scale\` is a standard deviation. If you have variances, send their roots, or their logarithms as
\`log_variance\`. The service refuses a negative \`scale\`, and asks whether \`log_variance\` was meant.
It cannot see a variance that is sent as \`scale\`: both are positive numbers.

## Shapes

- A parameter is one number, which counts for all distributions, or a tensor. All tensors of both
  sides have one shape, which is the \`shape\` of the answer.
- For ${parametricKindNames.filter(hasTerms).map(code).join(', ')}, each
  element is a distribution of its own. \`none\` holds the KL of each, and the sums along \`dim\` are the
  KL of independent ones: of the latents of a VAE.
- A \`dirichlet\` distribution lies along \`dim\`. It has no \`none\`: \`"all"\` leaves it out.
- For \`multivariate_normal\`, the last axis of \`loc\` has the coordinates, and the last two axes of a
  matrix. \`dim\` is that axis, and there is no \`none\`. A vector or a matrix without further axes counts
  for all distributions. Two matrices of 1000 coordinates take half a second to one (2026-11-30).
- The parameters of one side together have at most \`MAX_ELEMENTS\` numbers.

## Every format

| Format | Parameters |
|---|---|
| JSON, batch, stream | members of \`input\` and \`target\`: numbers, or [tensors](api.md#tensors) in any form |
| safetensors | tensors \`input.loc\`, \`target.scale\` and so on; the kinds stand in the query |
| [Open Inference Protocol](inference-protocol.md) | inputs \`input.loc\`, \`target.scale\` and so on, a single number with the shape \`[1]\`; the kinds are parameters |

## Divergences

[\`/v1/divergences\`](divergences.md) computes ${closedDivergences.map(code).join(', ')} of parameters, and these are
its default there. It refuses the others by name. For them, evaluate both densities on one grid and
send them as \`counts\`.

## Formulas

₁ is P, ₂ is Q; results are divided by ln of \`base\`.

${table(
  ['Kind', 'KL', 'Source'],
  parametricKindNames.map((name) => [code(name), parametricKind(name).formula, parametricKind(name).source]),
)}

The service does not compute these formulas as they stand: they lose their digits where both sides
are nearly equal. Normal distributions whose parameters differ by 1e-8 have a KL of about 1e-16, of
which \`torch.distributions.kl_divergence\` has no correct digit in float64. The service adds up
differences that do not cancel. It keeps 12 digits or more, over the whole domain, where both sides
have the same parameters, their matrices are well-conditioned or \`scale_tril\`, and the result is
not below 1e-300:
[decisions](decisions/numerics.md#closed-forms-are-sums-of-gaps-that-are-never-negative).

Of a \`covariance_matrix\` or a \`precision_matrix\` the service computes the Cholesky factor, which
takes about as many digits as the condition number has zeros. The largest relative errors of 20
random pairs with the condition number on both sides, 3 and 10 coordinates, 2026-11-30, against
mpmath with 120 digits:

| Condition number | \`covariance_matrix\` | \`precision_matrix\` | \`scale_tril\` of the same covariance |
|---|---|---|---|
| 1e2 | 6e-15 | 3e-15 | 3e-16 |
| 1e4 | 5e-13 | 3e-13 | 4e-16 |
| 1e6 | 6e-11 | 2e-11 | 1e-15 |
| 1e8 | 5e-9 | 3e-9 | 2e-15 |
| 1e10 | 3e-7 | 2e-7 | 2e-15 |

So send \`scale_tril\` if you have it. Sides with different parameters, \`scale\` on one and
\`log_variance\` on the other, say, lose digits only where they are nearly equal.

A matrix that is not symmetric, or whose Cholesky decomposition comes to a pivot that is not above
0, is [\`NOT_POSITIVE_DEFINITE\`](errors.md#not_positive_definite); the detail names the row and the
pivot. Of a symmetric matrix the lower triangle is read.
`;
}
