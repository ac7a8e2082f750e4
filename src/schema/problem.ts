import { z } from 'zod';
import { problemCodes, problems } from '../errors/problems.ts';
import { reportedFaults } from '../errors/request-error.ts';
import { warning } from './answer.ts';

export const problemCode = z.enum(problemCodes).meta({
  id: 'ProblemCode',
  description: problemCodes.map((code) => `- \`${code}\` (${problems[code].status}): ${problems[code].title}.`).join('\n'),
});

export const problem = z
  .strictObject({
    type: z.string().meta({ description: 'The path of a page about this code.' }),
    title: z.string(),
    status: z.int().min(0),
    code: problemCode,
    detail: z.string().meta({ description: 'What is wrong with this request.' }),
    instance: z.string().meta({ description: 'The path of the request.' }),
    request_id: z.string().meta({ description: 'Also in the X-Request-Id header and in the log of the service.' }),
    errors: z
      .array(
        z
          .strictObject({
            pointer: z.string().meta({ description: 'The element at fault: a JSON Pointer as a URI fragment, `#/target/1/7`.' }),
            code: problemCode,
            detail: z.string(),
          })
          .meta({ id: 'ProblemError' }),
      )
      .meta({ description: `Everything that is wrong, ${reportedFaults} entries at the most.` }),
    error_count: z.int().min(0).meta({ description: 'How many there are, listed or not.' }),
    warnings: z.array(warning).optional().meta({ description: 'Only with STRICT_WARNINGS: all warnings of the answer that was refused.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' });
