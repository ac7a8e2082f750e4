import type { FastifyInstance } from 'fastify';
import { problemPath } from '../../errors/problem-details.ts';
import { problemCodes, problems } from '../../errors/problems.ts';
import { refuse } from '../../errors/request-error.ts';
import { registerDocumentHeaders } from '../hooks/security-headers.ts';

/** Registers a short page for every problem type, so that its `type` can be opened. */
export async function registerProblemPages(app: FastifyInstance): Promise<void> {
  const pages = new Map(problemCodes.map((code) => [problemPath(code), page(code)]));
  await app.register(async (scope) => {
    registerDocumentHeaders(scope);
    scope.route<{ Params: { slug: string } }>({
      method: 'GET',
      url: '/problems/:slug',
      schema: { hide: true },
      config: { public: true },
      handler: async ({ params }, reply) => {
        const html = pages.get(`/problems/${params.slug}`);
        if (html === undefined) throw refuse('NOT_FOUND', '#', 'there is no problem with this name; /v1/info lists all names');
        return reply.type('text/html; charset=utf-8').send(html);
      },
    });
  });
}

function page(code: keyof typeof problems): string {
  const { status, title, remedy } = problems[code];
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${code}: ${title}</title><link rel="icon" href="/docs/static/favicon-32x32.png"></head>
<body>
<h1>${title}</h1>
<p><code>${code}</code>, status ${status}</p>
<p>${escapeHtml(remedy)}</p>
<p><a href="/v1/info">All problems</a>, <a href="/docs">documentation</a></p>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
