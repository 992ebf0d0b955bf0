const DAY_MS = 86_400_000;

/** Days of UTC, both counted, as the moments from which and before which generations are asked for; empty stays empty. */
export function momentsOf(from: string, to: string): { readonly from: string; readonly to: string } {
  const end = Date.parse(to) + DAY_MS;
  // What is no day is for the server to refuse, with its reason.
  return { from: from && `${from}T00:00:00Z`, to: Number.isNaN(end) ? to : new Date(end).toISOString() };
}
