import { testsOf } from './tests-of.ts';

await testsOf('http/connection/{client-error,expect-continue,lingering-close,slow-clients,stream-timeout}.test.ts');
