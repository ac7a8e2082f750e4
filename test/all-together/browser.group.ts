import { testsOf } from './tests-of.ts';

await testsOf('explorer/*.test.ts');
