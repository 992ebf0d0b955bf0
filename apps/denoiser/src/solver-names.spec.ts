import { sigmas, solvers } from '@darkroom/contracts/http';
import { sigmaSpacings, solverNames } from '@darkroom/flow-matching';
import { describe, expect, it } from 'vitest';

describe('the HTTP API', () => {
  it('takes the solvers and spacings that the engine has, by the same names', () => {
    expect(solvers).toEqual(solverNames);
    expect(sigmas).toEqual(sigmaSpacings);
  });
});
