import { createContext, useContext } from 'react';

/** Knows the address of the page of what an id names; undefined where there is none, or none that the operator may see. */
export const PageOf = createContext<(id: string) => string | undefined>(() => undefined);

/** Finds the page of what an id names. */
export const usePageOf = () => useContext(PageOf);
