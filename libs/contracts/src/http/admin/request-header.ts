/** Header that a page of ours sends with what changes something; another site's form can't. */
export const requestHeader = { name: 'x-darkroom-request', value: 'dashboard' } as const;
