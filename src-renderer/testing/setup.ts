import { configure } from '@testing-library/react';

// `findBy…` and `waitFor` give up after a second by default, which is a measure of the computer and not of the code:
// beside a build and a virtual machine a first render alone takes longer. A real fault still fails, only later.
configure({ asyncUtilTimeout: 20_000 });
