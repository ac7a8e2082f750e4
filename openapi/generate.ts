import { writeFileSync } from 'node:fs';
import { pino } from 'pino';
import { buildApp } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { describeRoutes } from '../src/http/openapi/document.ts';

/** The document of a service with the default configuration, as it is committed. */
export async function generateOpenApi(): Promise<string> {
  const { app } = await buildApp(readConfig({}), pino({ level: 'silent' }), { describe: describeRoutes });
  await app.ready();
  const text = `${JSON.stringify(app.swagger(), null, 2)}\n`;
  await app.close();
  return text;
}

if (import.meta.main) writeFileSync(new URL('openapi.json', import.meta.url), await generateOpenApi());
