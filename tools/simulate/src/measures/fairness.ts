/** What tenants asked for and got, in seconds of device time. */
interface Account {
  /** Still to be done at the beginning of the window, and come since. */
  wanted: number;
  served: number;
}

/** Length of the windows in which shares are compared. */
const windowSeconds = 60;

/** A window in which less than this of what was wanted could be served is one in which tenants compete. */
const contended = 0.95;

/**
 * Measures how fairly devices are shared while there is not enough for all.
 *
 * In each window, what each tenant got is divided by what max-min fairness would have given it of what all got together (water-filling:
 * Bertsekas & Gallager, Data Networks, 6.5.2), and Jain's index taken over the quotients: 1 when all got the same part of their share.
 * The mean of the windows in which tenants competed is the measure.
 */
export class FairnessMeter {
  readonly #accounts = new Map<string, Account>();
  #windowEnd = windowSeconds;
  #sum = 0;
  #windows = 0;

  /** Windows in which tenants competed. */
  get windows(): number {
    return this.#windows;
  }

  /** Mean of Jain's index over those windows; 1 when there was none. */
  get index(): number {
    return this.#windows === 0 ? 1 : this.#sum / this.#windows;
  }

  wanted(tenant: string, seconds: number): void {
    this.#account(tenant).wanted += seconds;
  }

  /** Takes in that what was wanted is not wanted any more. */
  givenUp(tenant: string, seconds: number): void {
    this.#account(tenant).wanted -= seconds;
  }

  served(tenant: string, seconds: number): void {
    this.#account(tenant).served += seconds;
  }

  /** Closes the windows that have ended. */
  advance(nowSeconds: number): void {
    while (nowSeconds >= this.#windowEnd) {
      this.#close();
      this.#windowEnd += windowSeconds;
    }
  }

  #account(tenant: string): Account {
    let account = this.#accounts.get(tenant);
    if (account === undefined) {
      account = { wanted: 0, served: 0 };
      this.#accounts.set(tenant, account);
    }
    return account;
  }

  #close(): void {
    const wanting = [...this.#accounts.values()].filter(({ wanted }) => wanted > 1e-9);
    const served = wanting.reduce((sum, account) => sum + account.served, 0);
    const wanted = wanting.reduce((sum, account) => sum + account.wanted, 0);
    if (served > 0 && served < contended * wanted) {
      const shares = maxMinShares(
        wanting.map((account) => account.wanted),
        served,
      );
      this.#sum += jainIndex(wanting.map((account, i) => account.served / (shares[i] as number)));
      this.#windows += 1;
    }
    for (const [tenant, account] of this.#accounts) {
      account.wanted -= account.served;
      account.served = 0;
      if (account.wanted <= 1e-9) this.#accounts.delete(tenant);
    }
  }
}

/** Shares a capacity among demands: nobody gets more than wanted, and what one leaves is shared by the others alike. */
export function maxMinShares(demands: readonly number[], capacity: number): number[] {
  const order = demands.map((_, i) => i).sort((a, b) => (demands[a] as number) - (demands[b] as number));
  const shares = demands.map(() => 0);
  let left = capacity;
  for (const [done, i] of order.entries()) {
    const share = Math.min(demands[i] as number, left / (order.length - done));
    shares[i] = share;
    left -= share;
  }
  return shares;
}

/** Jain, Chiu & Hawe 1984: (sum x)^2 / (n sum x^2), from 1/n, where one has all, to 1, where all have the same. */
export function jainIndex(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  return sum ** 2 / (values.length * values.reduce((total, value) => total + value ** 2, 0));
}
