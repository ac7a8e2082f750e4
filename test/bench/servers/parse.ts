import { parsed, serve } from './collect.ts';

// the least that a service does which reads its body by JSON.parse
serve(async (request) => JSON.stringify({ fields: Object.keys(await parsed(request)).length }));
