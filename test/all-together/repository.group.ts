import { testsOf } from './tests-of.ts';

await testsOf('!(server).test.ts');
