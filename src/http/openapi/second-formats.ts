import { divergencesOptionFields } from '../../schema/divergences.ts';
import { optionFields } from '../../schema/request.ts';
import { mediaTypes } from '../hooks/content-type.ts';
import { lineExamples } from './batch-examples.ts';

type Content = Record<string, { schema?: unknown; examples?: unknown }>;

type Operation = {
  security?: unknown[];
  parameters?: unknown[];
  requestBody?: { content: Content };
  responses: Record<string, { content: Content }>;
};

/** The parts of an OpenAPI document that this module changes. */
export type Document = {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, unknown> };
};

/** A format of an operation in addition to JSON. */
type SecondFormat = {
  readonly request: string;
  readonly contentMediaType: string;
  readonly answer: { readonly type: string; readonly schema: string; readonly description: string };
  readonly parameters?: readonly Readonly<Record<string, unknown>>[];
};

const [safetensors] = mediaTypes.safetensors;
const [lines] = mediaTypes.lines;
const bytes = 'application/octet-stream';

const secondFormats: Readonly<Record<string, SecondFormat>> = {
  '/v1/kl-divergence': safetensorsFormat('KlDivergenceAnswer', optionFields, 'the tensors of `results` as F64'),
  '/v1/kl-divergence/batch': linesFormat('KlDivergence', `\n\n${fenced(lineExamples.request)}`, `\n\n${fenced(lineExamples.answer())}`),
  '/v1/divergences': safetensorsFormat(
    'DivergencesAnswer',
    divergencesOptionFields,
    'every tensor of the `results` of a divergence as F64, under a name such as `kl.per_distribution`',
  ),
  '/v1/divergences/batch': linesFormat('Divergences'),
  '/v2/models/kl_div/infer': {
    request:
      'The JSON, then the bytes of the inputs that have a `binary_data_size`, little-endian and row-major. Any Content-Type is accepted.',
    contentMediaType: bytes,
    answer: {
      type: bytes,
      schema: 'InferenceResponse',
      description:
        'If the request asks for an output with `binary_data`: the same JSON, whose length in bytes is `Inference-Header-Content-Length`, then the ' +
        'bytes of the outputs that have a `binary_data_size`, little-endian float64.',
    },
    parameters: [
      {
        name: 'Inference-Header-Content-Length',
        in: 'header',
        description: 'Length of the uncompressed JSON in bytes, if bytes of tensors follow it.',
        schema: { type: 'integer' },
      },
    ],
  },
};

function safetensorsFormat(schema: string, options: readonly string[], tensors: string): SecondFormat {
  return {
    request:
      'A safetensors file with the tensors `input` and `target`, each F64, F32, F16, BF16, or an integer dtype, I8 to I64 or U8 to U64. The options go into the query. ' +
      `\`${safetensors}\` is the same format under its own name.`,
    contentMediaType: safetensors,
    answer: {
      type: safetensors,
      schema,
      description:
        `With \`Accept: ${safetensors}\`, the answer as a safetensors file: ${tensors}. Every other member, and the ` +
        'numbers of `results`, are JSON text under the same name in `__metadata__`.',
    },
    parameters: options.map((name) => ({
      name,
      in: 'query',
      description: `\`${name}\` of the request, for a safetensors body only. Several values are separated by commas.`,
      schema: { type: 'string' },
    })),
  };
}

/** @param id what the schemas of an item and of the answer begin with */
function linesFormat(id: string, requestExample = '', answerExample = ''): SecondFormat {
  return {
    request:
      `A stream of requests, a \`${id}Item\` on each line: any number of lines, each up to the size limit of a body. \`${lines}\` is the ` +
      `same format under its own name.${requestExample}`,
    contentMediaType: lines,
    answer: {
      type: lines,
      schema: `${id}BatchAnswer`,
      description:
        'A stream of answers to a stream of requests: the entries of `items`, each on a line, in the order of the requests and as soon as each is ready, ' +
        'and a last line with the totals. If the body breaks off, a line with its problem comes before the totals. Read while you send: the service ' +
        `stops reading from a client that does not read.${answerExample}`,
    },
  };
}

/**
 * Adds the bodies that no schema describes. Their media type is that of plain bytes: generators of clients reject media types that they do
 * not know.
 */
export function withSecondFormats(document: Document): Document {
  for (const [path, { request, contentMediaType, answer, parameters }] of Object.entries(secondFormats)) {
    const { post } = document.paths[path];
    if (post.requestBody !== undefined) {
      post.requestBody.content[bytes] = { schema: { type: 'string', format: 'binary', contentMediaType, description: request } };
    }
    // the schema of the JSON answer: with another one, generated clients would expect that any answer may be bytes
    post.responses['200'].content[answer.type] = {
      schema: { $ref: `#/components/schemas/${answer.schema}`, description: answer.description },
    };
    if (parameters !== undefined) post.parameters = [...parameters];
  }
  return document;
}

function fenced(text: string): string {
  return `\`\`\`json\n${text.trimEnd()}\n\`\`\``;
}
