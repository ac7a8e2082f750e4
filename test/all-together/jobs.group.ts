import { testsOf } from './tests-of.ts';

await testsOf('jobs/{!(two-instances),instance/*}.test.ts');
